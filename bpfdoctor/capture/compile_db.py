"""Finds a source file's include paths and definitions in the project's compile_commands.json.

The file may be a stranger's: of a command only folders, macros, included headers and a few flags that decide
which C or which instructions are meant are taken over, and each flag is one word with its value, for clang
reads a word that begins with @ as a file of more flags.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bpfdoctor import regular_file
from bpfdoctor.model.problem import Problem
from bpfdoctor.pattern import later

NAME = "compile_commands.json"
_MOST = 64 << 20  # bytes
_MOST_FLAGS = 64 << 10  # bytes of one file's flags
FOLDERS = ("-idirafter", "-isystem", "-iquote", "-I")  # take a folder
_KEPT = (*FOLDERS, "-include", "-D", "-U")
#: what else decides how a program is read, or which instructions come of it
_WHOLE = later(
    r"-(?:mcpu=(?:v[1-4]|generic)|std=(?:gnu|c|iso9899:)\w{1,10}|O[123s]|fms-extensions|fno-builtin\w*|fno-jump-tables|f\w*-char)"
)


#: uname's machine -> the macro by which glibc's and the kernel's headers know it
HOST_MACRO = {
    "x86_64": "__x86_64__", "aarch64": "__aarch64__", "s390x": "__s390x__", "ppc64le": "__powerpc64__",
    "riscv64": "__riscv", "loongarch64": "__loongarch64",
}  # fmt: skip
_NAME = later(r"[A-Za-z_]\w*(?:\(|=|$)")
_MACHINES = later(
    r"(?:__(?:x86_64|i386|amd64|aarch64|arm|powerpc|powerpc64|s390|s390x|mips|mips64|sparc|sparc64)__|"
    r"__(?:riscv|riscv_xlen|loongarch|loongarch_grlen|ARM_PCS_VFP)|_CALL_ELF)(?:=|$)"
)


def flags_for(path: Path) -> list[str]:
    """The flags for `path` that say where headers are and what is defined; nothing else is taken over.

    Raises Problem for a database that is no file, or that holds more flags than a command takes.
    """
    source = os.path.realpath(path)
    for folder in Path(source).parents:
        for candidate in (folder / NAME, folder / "build" / NAME):
            entry = _entry(candidate, source)
            if entry is not None:
                flags = list(kept(_words(entry), entry["directory"], folder))
                if sum(map(len, flags)) > _MOST_FLAGS:
                    raise Problem(
                        f"{candidate} has more than {_MOST_FLAGS >> 10} KiB of flags for {path}.",
                        "Name the folders and macros that it needs with -I and -D, and rename the database.",
                    )
                return flags
    return []


def _entry(database: Path, source: str) -> dict[str, Any] | None:
    """The entry of the database that compiles `source`."""
    try:
        text = regular_file.read(database, _MOST)
    except (OSError, ValueError):
        return None
    import json  # most projects have no database

    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entries, list):
        return None
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        folder, file = entry.get("directory", "."), entry.get("file", "")
        if isinstance(folder, str) and isinstance(file, str) and _can_be_passed(folder + file):
            named = os.path.join(database.parent, folder, file)
            if os.path.basename(named) == os.path.basename(source) and os.path.realpath(named) == source:
                return {**entry, "directory": os.path.join(database.parent, folder)}
    return None


def _words(entry: dict[str, Any]) -> list[str]:
    """The command of an entry as words."""
    words = entry.get("arguments")
    if words is None:
        try:
            words = shlex.split(str(entry.get("command", "")))
        except ValueError:
            return []
    return [str(word) for word in words] if isinstance(words, list) else []


def kept(words: list[str], directory: str, project: Path) -> Iterator[str]:
    """The flags that may be taken over from a stranger, with folders made absolute.

    A header that a flag includes is one of the project's, or one that clang looks for in its folders.
    """
    rest = iter(words)
    for word in rest:
        if _WHOLE.fullmatch(word):
            yield word
            continue
        flag = next((each for each in _KEPT if word.startswith(each)), None)
        if flag is None or (flag in ("-include", *FOLDERS[:-1]) and word != flag):
            continue  # -include-pch and the like are other flags
        value = word[len(flag) :] or next(rest, "")
        if not value or not _can_be_passed(value):
            continue
        if flag in ("-D", "-U") and (not _NAME.match(value) or _for_another_machine(value)):
            continue  # a build's own placeholder (@0@), or one of the machines that it can build for
        inside = os.path.join(directory, value)
        if flag in FOLDERS:
            value = inside
        elif flag == "-include":
            if os.path.lexists(inside):
                if not _within(inside, project):
                    continue
                value = inside
            elif value.startswith("-") or os.path.isabs(value) or ".." in Path(value).parts:
                continue  # -include-pch again, or a file of the machine's
        yield flag + value


def _for_another_machine(macro: str) -> bool:
    own = HOST_MACRO.get(os.uname().machine, "")
    return bool(_MACHINES.match(macro)) and macro.partition("=")[0] != own


def _within(path: str, folder: Path) -> bool:
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(folder), ""))


def _can_be_passed(value: str) -> bool:
    """Whether the kernel takes it as a word of a command line."""
    try:
        return b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:  # "\ud800" in JSON
        return False
