"""Reads flags for BPF programs out of the build files of CMake, meson, Cargo, and of editors."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.model.problem import Problem
from bpfdoctor.pattern import later

_MOST_FILE = 1 << 20  # bytes of one build file
_QUOTED = later(r'"((?:[^"\\\n]|\\.){1,400})"|\'([^\'\\\n]{1,400})\'')
_SET = later(r"^\s*(?:set\s*\(\s*|list\s*\(\s*APPEND\s+)(\w+)\s+([^()]{1,4000})\)", re.M | re.I)
_FOR_BPF = later(r"-(?:-target=|target\s+)bpf|bpf", re.I)
_WORDS = ("-I", "-D", "-U", "-isystem", "-idirafter", "-iquote", "-include", "-mcpu=", "-std=", "-f")
_MOST_DEPTH = 6


def text_of(path: Path) -> str:
    """A build file's text; "" for one that cannot be read."""
    try:
        return regular_file.read(path, _MOST_FILE).decode("utf-8", "replace")
    except (OSError, Problem):
        return ""


def _cmake(text: str, folder: Path, root: Path) -> list[str]:
    """`-I` and the like of a CMakeLists.txt that compiles for BPF, with its variables filled in."""
    text = re.sub(r"#[^\n]*", "", text)
    if not _FOR_BPF.search(text):
        return []
    values = {name: str(folder) for name in ("CMAKE_CURRENT_SOURCE_DIR", "CMAKE_CURRENT_LIST_DIR")}
    values |= {name: str(root) for name in ("CMAKE_SOURCE_DIR", "PROJECT_SOURCE_DIR")}
    values |= {name: value.strip("\"'") for name, value in _SET.findall(text)}

    def filled_in(word: str, depth: int = 0) -> str:
        if depth > _MOST_DEPTH or len(word) > 4000:
            return ""
        known = lambda found: filled_in(values.get(found[1], "\0"), depth + 1)  # noqa: E731
        return re.sub(r"\$\{(\w+)\}", known, word)

    words = [filled_in(word.strip("\"'")) for word in re.findall(r"[^\s()]+", text)]
    return _pairs([word for word in words if "\0" not in word and "${" not in word and "$<" not in word])


def _meson(text: str, folder: Path, root: Path) -> list[str]:
    """The quoted words of a meson.build that compiles for BPF."""
    if not _FOR_BPF.search(text):
        return []
    return _pairs(_strings(re.sub(r"#[^\n]*", "", text)))


def _build_rs(text: str, folder: Path, root: Path) -> list[str]:
    """What a build.rs hands over to libbpf-cargo's clang_args."""
    if "libbpf_cargo" not in text and "clang_args" not in text:
        return []
    return _pairs([word for text in _strings(re.sub(r"//[^\n]*", "", text)) for word in _split(text)])


def _clangd(text: str, folder: Path, root: Path) -> list[str]:
    """The flags under `Add:` of a .clangd, be they in brackets or one a line."""
    listed = re.search(r"^\s*Add:\s*(\[[^\]]{0,8000}\]|(?:\s*-\s+[^\n]{1,400})+)", text, re.M)
    if not listed:
        return []
    inside = re.sub(r"^\s*-\s+", "", listed[1].strip("[]"), flags=re.M)
    words = _pairs([word.strip("\"'") for word in re.split(r"[,\n]\s*", inside) if word.strip()])
    return [word for word in words if not word.startswith(("-D", "-U"))]  # those are for the editor


def _one_a_line(text: str, folder: Path, root: Path) -> list[str]:
    return _pairs(text.split("\n"))


#: name of a build file -> its flags, from (its text, its folder, the project's root)
READERS: dict[str, Callable[[str, Path, Path], list[str]]] = {
    ".clangd": _clangd,
    "compile_flags.txt": _one_a_line,
    "build.rs": _build_rs,
    "CMakeLists.txt": _cmake,
    "meson.build": _meson,
}


def _strings(text: str) -> list[str]:
    return [one or other for one, other in _QUOTED.findall(text)]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _pairs(words: list[str]) -> list[str]:
    """The flags among words, those that stand alone ("-I", "include") together with what follows."""
    found = []
    for at, word in enumerate(map(str.strip, words)):
        if word in ("-I", "-D", "-isystem", "-idirafter", "-iquote", "-include"):
            found += [word, *words[at + 1 : at + 2]]
        elif word.startswith(_WORDS) and not re.fullmatch(r"-I|-D_*", word) and " " not in word:
            found.append(word)
    return found
