"""Reads the flags out of a Makefile with which it compiles BPF programs; make itself is not run."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from bpfdoctor.capture.build_flags import text_of
from bpfdoctor.pattern import later

_UNKNOWN = "\0"  # what only make or a shell could tell; a word with it is nothing to hand to clang
_MOST_DEPTH = 8  # of variables in variables, and of files that include others
_MOST_FILES = 500  # a Makefile may include itself
_MOST_LINES = 20_000
_MOST_TEXT = 16 << 10  # of one line when its variables are filled in
_MOST_WORK = 4 << 20  # characters that are looked at to fill in variables: A = $(A)$(A) has no end
_FOR_BPF = later(r"-(?:-target=|target[ =])bpf|-march=bpf")
_OTHER_TOOLS = later(
    r"(?:^|[\s/@])(?:bindgen|clang-tidy|clang-format|cppcheck|include-what-you-use|sparse)\s"
)
_SET = later(r"\s*(?:export\s+|override\s+)?([\w.-]+)\s*(::?:?=|\?=|\+=|=)\s*(.*)")
_INCLUDE = later(r"\s*(-|s)?include\s+(.+)")
_CONDITION = later(r"\s*(else\s+)?(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)")
_PAIR = later(r"\(([^,]*),(.*)\)\s*$|[\"']([^\"']*)[\"']\s+[\"']([^\"']*)[\"']\s*$")
_BPF_FLAGS = later(r"(?i)bpf\w*(?:flags|includes?)$|^clang_flags$")
_MACHINES = {"x86_64": "x86", "aarch64": "arm64"}


def without_unknown(text: str) -> str:
    """A text for a shell with what is known of its variables filled in, and each other one empty."""
    known = {"GOARCH": {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)}
    return re.sub(r"\$\{?(\w+)\}?", lambda found: known.get(found[1], ""), text)


def flags_in(path: Path, source: Path, root: Path) -> list[str]:
    """The words of the commands that compile BPF programs: those for `source` by name, else the first.

    Folders of all such commands are among them. [] where the Makefile compiles none.
    """
    reader = _Reader(path, root)
    reader.read(path, 0)
    lines = [line for line in map(reader.filled_in, reader.recipes) if _compiles(line)]
    if not lines:
        flags = [name for name in reader.values if _BPF_FLAGS.search(name)]
        lines = [line for name in flags if (line := reader.filled_in(reader.values[name]))]
        return [word for line in lines for word in _words(line)]
    by_name = [line for line in lines if re.search(rf"\b{re.escape(source.name)}\b", line)]
    chosen = (by_name or lines)[0]
    others = [word.strip("\"'") for line in lines if line is not chosen for word in line.split()]
    return [*_words(chosen), *_folders(others)]


def _compiles(line: str) -> bool:
    """Whether a command makes BPF code: not only bindings, a check or a format of it."""
    return bool(_FOR_BPF.search(line)) and not _OTHER_TOOLS.search(line)


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(line.lstrip("\t @-"))
    except ValueError:
        words = line.split()
    return [word for word in words if not re.fullmatch(r"-D__TARGET_ARCH_|-I", word)]  # …$(NOT_SET)


def _folders(words: list[str]) -> list[str]:
    """`-I DIR` and `-IDIR` alone."""
    return [
        word if word != "-I" else word + words[at + 1]
        for at, word in enumerate(words)
        if word.startswith("-I") and (word != "-I" or at + 1 < len(words))
    ]


class _Reader:
    """The variables and recipes of a Makefile and of what it includes from its own project."""

    def __init__(self, path: Path, root: Path) -> None:
        machine = os.uname().machine
        self.folder, self.root = path.parent, root
        self.values = {"CURDIR": str(path.parent), "ARCH": _MACHINES.get(machine, machine), "CLANG": "clang"}
        self.recipes: list[str] = []
        self._lines = self._files = 0
        self._left = _MOST_WORK
        self._in_rule = False  # else a tab means nothing
        self._last = path  # of $(MAKEFILE_LIST)

    def read(self, path: Path, depth: int) -> None:
        self._files += 1
        if depth > _MOST_DEPTH or self._files > _MOST_FILES:
            return
        if not os.path.realpath(path).startswith(os.path.join(os.path.realpath(self.root), "")):
            return
        self._last = path
        taken: list[bool | None] = []  # per open conditional: is this branch read; None: an earlier one was
        for line in re.sub(r"\\\n[ \t]*", " ", text_of(path)).split("\n"):
            self._lines += 1
            if self._lines > _MOST_LINES:
                return
            word = line.split("#")[0].strip()
            if condition := _CONDITION.match(line):
                self._branch(condition, taken)
            elif word == "else" and taken:
                taken[-1] = taken[-1] is False
            elif word == "endif" and taken:
                taken.pop()
            elif all(taken):
                self._statement(line, depth)

    def _branch(self, found: re.Match[str], taken: list[bool | None]) -> None:
        holds = self._holds(found[2], found[3])
        if not found[1]:
            taken.append(holds)
        elif taken:
            taken[-1] = holds if taken[-1] is False else None

    def _holds(self, kind: str, rest: str) -> bool | None:
        """Whether a condition is true; None where only make or a shell could tell."""
        if kind in ("ifdef", "ifndef"):
            return (rest.strip() in self.values) is (kind == "ifdef")
        pair = _PAIR.match(rest.split(" #", maxsplit=1)[0])
        if not pair:
            return False
        one, other = (pair[1], pair[2]) if pair[1] is not None else (pair[3], pair[4])
        one, other = self.filled_in(one).strip(), self.filled_in(other).strip()
        return None if _UNKNOWN in one + other else (one == other) is (kind == "ifeq")

    def _statement(self, line: str, depth: int) -> None:
        if line.lstrip(" ").startswith("#"):
            return
        if line.startswith("\t") and self._in_rule:
            self.recipes.append(line)
            return
        self._in_rule = self._in_rule and not line.strip()
        if found := _SET.match(line):
            name, how, value = found[1], found[2], found[3].split(" #")[0].rstrip()
            old = self.values.get(name)
            if how == "?=" and old is not None:
                return
            if "MAKEFILE_LIST" in value or how in (":=", "::=", ":::="):
                value = self.filled_in(value)
            self.values[name] = f"{old} {value}" if how == "+=" and old is not None else value
        elif found := _INCLUDE.match(line):
            last = self._last
            for name in self.filled_in(found[2]).split()[:20]:
                if _UNKNOWN not in name:
                    self.read(self.folder / name, depth + 1)
            self._last = last
        elif ":" in line:
            self._in_rule = True

    def filled_in(self, text: str, depth: int = 0) -> str:
        """A text without `$(…)`; what only make or a shell could tell is _UNKNOWN."""
        out, at = "", 0
        while (start := text.find("$", at)) >= 0 and len(out) < _MOST_TEXT:
            out += text[at:start]
            following = text[start + 1 : start + 2]
            if following in ("(", "{"):
                end = _closing(text, start + 1)
                self._left -= end - start + 8
                out += self._value(text[start + 2 : end], depth)
                at = end + 1
            else:
                out, at = out + ("$" if following == "$" else ""), start + 2
        return (out + text[at:])[:_MOST_TEXT]

    def _value(self, inside: str, depth: int) -> str:
        if depth > _MOST_DEPTH or self._left < 0:
            return _UNKNOWN
        name, _, rest = inside.partition(" ")
        arguments = self.filled_in(rest, depth + 1).strip() if rest and name in _FUNCTIONS else ""
        if name in _FUNCTIONS:
            return self._function(name, arguments)
        if rest:
            return _UNKNOWN
        if inside == "MAKEFILE_LIST":
            return str(self._last)
        simple, _, replacing = self.filled_in(inside, depth + 1).partition(":")
        value = self.filled_in(self.values.get(simple, ""), depth + 1)
        return _UNKNOWN if replacing else value

    def _function(self, name: str, arguments: str) -> str:
        match name:
            case "shell":
                return self._shell(arguments)
            case "dir":
                return " ".join(os.path.join(os.path.dirname(word), "") or "./" for word in arguments.split())
            case "abspath" | "realpath":
                return " ".join(os.path.normpath(self.folder / word) for word in arguments.split())
            case "lastword":
                return (arguments.split() or [""])[-1]
            case _:  # strip, addprefix -I,
                prefix, comma, words = arguments.partition(",")
                return " ".join(prefix.strip() + word for word in words.split()) if comma else arguments

    def _shell(self, command: str) -> str:
        """What a few commands print that need not be run to know."""
        machine = os.uname().machine
        if command.startswith("uname -m"):
            return _MACHINES.get(machine, machine) if "sed" in command else machine
        if command.startswith("git rev-parse --show-toplevel"):
            return str(self.root)
        known = {"uname -r": os.uname().release, "pwd": str(self.folder), "uname": "Linux"}
        return known.get(command, _UNKNOWN)


_FUNCTIONS = frozenset({"shell", "dir", "abspath", "realpath", "lastword", "strip", "addprefix"})


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` is closed; the end of the text where it isn't."""
    depth = 0
    for at in range(start, len(text)):
        depth += text[at] in "({"
        depth -= text[at] in ")}"
        if not depth:
            return at
    return len(text)
