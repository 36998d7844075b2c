"""bpfdoctor.toml, or [tool.bpfdoctor] in pyproject.toml: looked at key by key.

The file comes with the programs, perhaps from a stranger: it can choose what is told, and names no program
to run but clang, of any version.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bpfdoctor.cli import config_path
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import CaptureOptions, Flavour
from bpfdoctor.pattern import later

_WARNING = later(r"-W[a-z][\w=-]*")

_WORD, _WORDS, _VALUES = "a string", "a list of strings", 'a table, or a list of "NAME=VALUE"'
_WHOLE, _NUMBER, _SWITCH = "a whole number", "a number", "true or false"
#: key -> what its value is. Those of the first table may also stand under per-file.
_OF_FILES = {
    "include": _WORDS,
    "define": _VALUES,
    "cflags": _WORDS,
    "clang": _WORD,
    "target-arch": _WORD,
    "flavour": _WORD,
    "prog-type": _WORD,
    "prog": _WORDS,
    "set": _VALUES,
    "compile-limit": _WHOLE,
    "ignore": _WORDS,
}
_OF_ALL = {
    "paths": _WORDS,
    "kernel": _WORDS,
    "caps": _WORDS,
    "select": _WORDS,
    "baseline": _WORD,
    "experiments": _SWITCH,
    "preflight": _SWITCH,
    "lint": _WORDS,
    "oldest-kernel": _WORD,
    "strict": _SWITCH,
    "fix-timeout": _NUMBER,
    "output-format": _WORD,
    "exit-zero": _SWITCH,
    "color": _WORD,
    "width": _WHOLE,
    "ascii": _SWITCH,
}
KEYS = _OF_ALL | _OF_FILES
_PER_FILE = "per-file"
#: What a command line adds to, instead of replacing it.
ADDED = ("include", "define", "cflags", "set_globals", "ignore")


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says: by key, for all programs, and for those whose path matches a pattern."""

    file: Path
    all: Mapping[str, Any]
    per_file: Sequence[tuple[str, Mapping[str, Any]]]

    def of(self, source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(pattern, what is set) for a program, in the file's order."""
        path = os.path.relpath(os.path.abspath(source), self.file.parent)
        return ((pattern, told) for pattern, told in self.per_file if fnmatchcase(path, pattern))

    def options(self, options: CaptureOptions, source: str, given: frozenset[str]) -> CaptureOptions:
        """What a program is compiled and loaded with; `given` are the parameters on the command line."""
        changed: dict[str, Any] = {}
        for _, told in self.of(source):
            for key, value in told.items():
                name, option = _FIELDS.get(key, parameter(key)), parameter(key)
                if key == "ignore" or (option in given and option not in ADDED):
                    continue
                before = changed.get(name, getattr(options, name)) if option in ADDED else ()
                changed[name] = (*value, *before) if option in ADDED else value
        if "flavour" in changed:
            changed["flavour"] = Flavour(changed["flavour"])
        return replace(options, **changed)

    def ignored(self, source: str) -> tuple[str, ...]:
        """The rules that are left out for a program alone."""
        return tuple(rule for _, told in self.of(source) for rule in told.get("ignore", ()))

    def defaults(self) -> dict[str, Any]:
        """What stands for options that are not given, by the parameter's name. Raises Problem."""
        told = {parameter(key): value for key, value in self.all.items()}
        if "cflags" in told:
            import shlex

            told["cflags"] = [shlex.join(told["cflags"])]
        if "paths" in told:
            told["paths"] = [path for pattern in told["paths"] for path in self._found(pattern)]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}

    def _found(self, pattern: str) -> list[str]:
        from bpfdoctor.cli import patterns

        found = patterns.matches(pattern, str(self.file.parent))
        if not found:
            raise Problem(f"{self.file}: nothing matches {pattern!r}, which paths names.")
        return [_from_here(self.file.parent, path) for path in found]


#: The field of CaptureOptions that a key stands for, where that is not called so.
_FIELDS = {
    "include": "include_dirs",
    "define": "defines",
    "set": "globals",
    "prog": "programs",
    "compile-limit": "compile_seconds",
}


def read(file: Path) -> Config:
    """Raises Problem for what is no setting."""
    import tomllib

    try:
        told = tomllib.loads(config_path.content(str(file)).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(f"{file} is not TOML: {error}.") from None
    if file.name == config_path.NAMES[1]:
        tool = told.get("tool", {})
        told = tool.get("bpfdoctor", {}) if isinstance(tool, dict) else {}
    if not isinstance(told, dict):
        raise Problem(f"{file}: tool.bpfdoctor is a table.")
    per_file = told.pop(_PER_FILE, {})
    if not isinstance(per_file, dict) or not all(isinstance(table, dict) for table in per_file.values()):
        raise Problem(
            f"{file}: {_PER_FILE} has a table for each pattern.",
            f'For example: [{_PER_FILE}."old/*.bpf.c"]',
        )
    special = (
        (pattern, _looked_at(file, table, _OF_FILES, f"{_PER_FILE}.{pattern!r}: "))
        for pattern, table in per_file.items()
    )
    return Config(file, _looked_at(file, told, (*KEYS, _PER_FILE), ""), tuple(special))


def parameter(key: str) -> str:
    """The parameter of a command that a key stands for."""
    return "set_globals" if key == "set" else key.replace("-", "_")


def _looked_at(
    file: Path, told: Mapping[str, Any], known: Sequence[str] | Mapping[str, Any], where: str
) -> dict[str, Any]:
    values = {}
    for key, value in told.items():
        if key not in known:
            raise _unknown(file, key, known, where)
        values[key] = _value(f"{file}: {where}{key}", file.parent, key, value)
    return values


def _unknown(file: Path, key: str, known: Sequence[str] | Mapping[str, Any], where: str) -> Problem:
    from difflib import get_close_matches

    near = get_close_matches(key.replace("_", "-").lower(), known, 1)
    whose = " for some programs only" if key in KEYS else ""
    return Problem(
        f"{file}: {where}there is no setting {key!r}{whose}.",
        *(f"Did you mean {name!r}?" for name in near),
        f"There are {', '.join(known)}.",
    )


def _value(what: str, folder: Path, key: str, value: Any) -> Any:
    """The value as the options have it: words as a tuple, folders seen from here. Raises Problem."""
    kind = KEYS[key]
    if kind in (_WORDS, _VALUES) and isinstance(value, str):
        value = value.split() if key == "cflags" else [value]
    if kind is _VALUES and isinstance(value, dict):
        value = [f"{name}={_text(each)}" for name, each in value.items()]
    fits = {
        _WORD: isinstance(value, str),
        _WORDS: isinstance(value, list) and all(isinstance(each, str) for each in value),
        _VALUES: isinstance(value, list) and all(isinstance(each, str) for each in value),
        _WHOLE: type(value) is int,
        _NUMBER: type(value) in (int, float),
        _SWITCH: isinstance(value, bool),
    }
    if not fits[kind]:
        raise Problem(f"{what} is {kind}.")
    match key:
        case "include":
            return tuple(_from_here(folder, each) for each in value)
        case "baseline":
            return _from_here(folder, value)
        case "cflags":
            return _harmless(what, folder, value)
        case "clang" if not re.fullmatch(r"clang(-\d+)?", value):
            raise Problem(f"{what} is clang or clang-N, not a path.", "Name another program with --clang.")
        case "flavour":
            return _flavour(what, value)
    return tuple(value) if isinstance(value, list) else value


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _flavour(what: str, value: str) -> str:
    known = [flavour.value for flavour in Flavour if flavour is not Flavour.LOG]
    if value not in known:
        raise Problem(f"{what} is one of {', '.join(known)}.")
    return value


def _harmless(what: str, folder: Path, words: Sequence[str]) -> tuple[str, ...]:
    """The flags that may come from a stranger: none makes clang load or run anything. Raises Problem."""
    from bpfdoctor.capture import compile_db

    taken: list[str] = []
    for word in words:
        kept = [word] if _WARNING.fullmatch(word) else [*compile_db.kept([word], str(folder), folder)]
        if not kept:
            raise Problem(f"{what}: {word} is not taken from a file.", "Give it with --cflags.")
        taken += kept
    return tuple(taken)


def _from_here(folder: Path, path: str) -> str:
    return os.path.relpath(os.path.join(folder, path))
