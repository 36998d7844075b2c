"""Finds what a Rust file's crate loads: the C that its build.rs compiles, or an object that cargo built."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.capture._limits import MOST_OBJECT
from bpfdoctor.capture.build_flags import text_of
from bpfdoctor.formats import elf
from bpfdoctor.model.problem import Problem
from bpfdoctor.pattern import later

_MOST_FOLDERS = 8  # from a file up to its crate, and to the workspace
_MOST_ENTRIES = 20_000
_PASSED_BY = frozenset({".git", "node_modules", "incremental", "deps", ".fingerprint"})
_C = later(r'"([^"\\\n]{1,200}\.c)"')
_BYTES = later(r"include_bytes(?:_aligned)?!\s*\(([^;\n]{1,300})")
_STRING = later(r'"([^"\\\n]{1,200})"')
_NAME = later(r'^\s*name\s*=\s*"([\w-]{1,100})"', re.M)
_FOR_BPF = later(r"\baya_(?:e)?bpf\b|\bredbpf_probes\b")


def programs_of(path: Path) -> list[str]:
    """C sources first, else objects; [] where the crate shows none, or has not been built."""
    parents = list(Path(os.path.realpath(path)).parents)[:_MOST_FOLDERS]
    crate = next((each for each in parents if (each / "Cargo.toml").is_file()), None)
    if crate is None:
        return []
    text, build = text_of(path), text_of(crate / "build.rs")
    if "libbpf_cargo" in text + build or "SkeletonBuilder" in text + build:
        names = [*_C.findall(text), *_C.findall(build)]
        if found := list(dict.fromkeys(each for name in names for each in _source(crate, name))):
            return found
    names = [name for each in _BYTES.findall(text) for name in _STRING.findall(each)[:3]]
    if _FOR_BPF.search(text):
        names += _NAME.findall(text_of(crate / "Cargo.toml"))
    return _objects(crate, [os.path.basename(name) for name in names])


def _source(crate: Path, name: str) -> Iterator[str]:
    """A C file that build.rs names: from the crate's folder, or by its last part alone."""
    if (crate / name).is_file():
        yield str(crate / name)
        return
    yield from (path for path in _walk(crate) if path.endswith("/" + name) and "/target/" not in path)


def _objects(crate: Path, names: list[str]) -> list[str]:
    """The newest object of each name that cargo left in `target`, here or in the workspace's folder."""
    newest: dict[str, str] = {}
    for folder in [crate, *list(crate.parents)[:_MOST_FOLDERS]] if names else []:
        for path in _walk(folder / "target"):
            name = os.path.basename(path)
            if name in names and _is_object(path):
                newest[name] = max(path, newest.get(name, path), key=os.path.getmtime)
        if newest or (folder / ".git").exists():
            break
    return list(newest.values())


def _is_object(path: str) -> bool:
    try:
        return elf.is_bpf(regular_file.read(path, MOST_OBJECT, first=64))
    except (OSError, ValueError, Problem):
        return False


def _walk(folder: Path) -> Iterator[str]:
    """The files below a folder, a bounded number of them."""
    seen = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if each not in _PASSED_BY)
        seen += len(folders) + len(files)
        if seen > _MOST_ENTRIES:
            return
        yield from (os.path.join(place, file) for file in sorted(files))
