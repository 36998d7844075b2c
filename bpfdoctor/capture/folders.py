"""Lists the programs in a folder: sources, BCC tools, and objects where there is no source."""

from __future__ import annotations

import os
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.capture import detect
from bpfdoctor.capture._limits import MOST_SOURCE
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour

_MOST_ENTRIES = 60_000  # of a folder's files and folders that are looked at
_PASSED_BY = frozenset({"node_modules", "__pycache__"})
_SOURCES = (".c", ".py", "")
_HEAD = 256 << 10  # bytes in which a source shows what it is
_MARKS = (b"SEC(", b"__section", b"BPF")  # one is in every program's source


def programs_in(folder: Path) -> list[str]:
    """The paths of the programs below a folder, sorted; the folder itself where there is none."""
    sources: list[str] = []
    objects: list[str] = []
    waiting, seen = [str(folder)], 0
    while waiting and seen < _MOST_ENTRIES:
        try:
            entries = sorted(os.scandir(waiting.pop()), key=lambda entry: entry.name)
        except OSError:
            continue
        seen += len(entries)
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _PASSED_BY:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                kind = _kind(entry.path)
                if kind is not None:
                    (objects if kind is Flavour.OBJECT else sources).append(entry.path)
    return sorted(sources) or sorted(objects) or [str(folder)]


def _kind(path: str) -> Flavour | None:
    """What a file is; None for what is no program, or only a header."""
    suffix = os.path.splitext(path)[1]
    if suffix not in (*_SOURCES, ".o"):
        return None
    try:
        head = regular_file.read(path, MOST_SOURCE, first=_HEAD)
        if not head.startswith(b"\x7fELF") and (suffix == ".o" or not any(mark in head for mark in _MARKS)):
            return None
        kind = detect.flavour(Path(path))
    except (OSError, ValueError, Problem):
        return None
    in_c = kind in (Flavour.LIBBPF, Flavour.BCC)
    wrong = kind is Flavour.LOG or (in_c and not detect.is_program(head.decode("utf-8", "replace")))
    return None if wrong else kind
