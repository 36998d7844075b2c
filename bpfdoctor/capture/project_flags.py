"""Reads what a project's files say about compiling a source: where its root is, and which flags it takes.

Build files are a stranger's, and are read, never run: make, cmake, cargo and go are not started.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor.capture import build_flags, compile_db, go_files, makefile
from bpfdoctor.capture.header_search import Headers
from bpfdoctor.model.record import dataclass

_MOST_FOLDERS = 12  # from a source up to its project's root
_MOST_GO_FILES = 200  # in one folder
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile", "Makefile.am")
_MARKS = frozenset({
    *_MAKEFILES, "go.mod", "Cargo.toml", "meson.build", "CMakeLists.txt", "configure.ac", "package.json",
    "LICENSE", "COPYING", "README", "README.md", "README.rst", ".gitignore", ".gitmodules", "debian",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flags:
    """Flags for clang, and the file that says so, as it is named in a note; "" for none."""

    words: tuple[str, ...] = ()
    said_by: str = ""


def looks_like_one(folder: Path) -> bool:
    """Whether a folder is a project's: build files, a licence or .git are in it."""
    return bool({*listed(folder)} & {".git", *_MARKS})


def folders_of(path: Path) -> list[Path]:
    """The folder of a source and its parents, up to the root of its project; the folder alone without one.

    The root is where .git is, else the highest folder that looks like a project's. Nobody's project is in a
    home itself, nor in a folder where everybody may put files.
    """
    first = Path(os.path.realpath(path)).parent
    root, seen = [first], list[Path]()
    nobodys = ("/", "/usr", "/root", os.path.realpath(os.path.expanduser("~")))
    for folder in (first, *first.parents):
        if len(seen) == _MOST_FOLDERS or str(folder) in nobodys or _is_everybodys(folder):
            break
        seen.append(folder)
        try:
            names = set(os.listdir(folder))
        except OSError:
            break
        if ".git" in names:
            return seen
        if names & _MARKS:
            root = list(seen)
    return root


def _is_everybodys(folder: Path) -> bool:
    try:
        return bool(os.stat(folder).st_mode & stat.S_IWOTH)
    except OSError:
        return True


def told(path: Path, folders: list[Path], headers: Headers) -> Flags:
    """The flags for `path`: those of flags_of, else of a bpf2go line in another folder of a Go project."""
    found = flags_of(path, folders)
    if found.words or not any((folder / "go.mod").is_file() for folder in folders):
        return found
    for go, words in go_files.naming(path, headers.build_files()):
        kept = tuple(dict.fromkeys(_kept(words, go.parent, folders[-1])))
        return Flags(kept, os.path.relpath(go, folders[-1])) if kept else Flags()
    return Flags()


def flags_of(path: Path, folders: list[Path]) -> Flags:
    """The flags that the project's files give for `path`; the first that says any is believed.

    Raises Problem for a database of commands that is no file, or that holds more flags than a command takes.
    """
    if words := compile_db.flags_for(path):
        return Flags(tuple(words), compile_db.NAME)
    for folder in folders:
        for said_by, words in _told_in(folder, path, folders[-1]):
            if words:
                return Flags(tuple(dict.fromkeys(words)), os.path.relpath(said_by, folders[-1]))
    return Flags()


def _told_in(folder: Path, path: Path, root: Path) -> Iterator[tuple[Path, list[str]]]:
    """What the build files of one folder say: (file, flags), the most explicit first."""
    names = listed(folder)
    for name in [name for name in names if name.endswith(".go")][:_MOST_GO_FILES]:
        words = go_files.words_for(folder / name, path)
        if words is not None:
            yield folder / name, list(_kept(words, folder, folder)) or [f"-I{folder}"]
    for name in (name for name in _MAKEFILES if name in names):
        yield folder / name, list(_kept(makefile.flags_in(folder / name, path, root), folder, root))
    for name, read in build_flags.READERS.items():
        if name in names and (text := build_flags.text_of(folder / name)):
            yield folder / name, list(_kept(read(text, folder, root), folder, root))


def listed(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _kept(words: list[str], folder: Path, root: Path) -> Iterator[str]:
    """Those that may be taken over, and that name folders that are there: others were made by a build."""
    for word in compile_db.kept(words, str(folder), root):
        if any(word.startswith(flag) for flag in compile_db.FOLDERS):
            place = re.sub(r"^-(?:idirafter|isystem|iquote|I)", "", word)
            if not os.path.isdir(place) or os.path.realpath(place) == "/usr/include":
                continue  # the system's own come last, or a project's asm/ and linux/ would lose to them
        yield word
