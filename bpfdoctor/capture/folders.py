"""Lists the programs in a folder: sources, BCC tools, and objects where there is no source."""

from __future__ import annotations

import os
import re
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
_MARKS = (b"SEC(", b"section(", b"BPF", b'.c"')  # one is in every program's source
_NAMES = ("bpf.c", "kern.c")  # whose programs may be in headers of theirs
_PART = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]{1,200}\.c)"', re.M)
_HEADER = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*["<][^">\n]{1,200}\.h[">]', re.M)


def programs_in(folder: Path) -> list[str]:
    """The paths of the programs below a folder, sorted; the folder itself where there is none."""
    sources: list[str] = []
    parts: dict[str, list[str]] = {}  # a source -> the .c files that it includes
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
                kind = _kind(entry.path, parts)
                if kind is not None:
                    (objects if kind is Flavour.OBJECT else sources).append(entry.path)
    return _whole(sources, parts) or sorted(objects) or [str(folder)]


def _whole(sources: list[str], parts: dict[str, list[str]]) -> list[str]:
    """The sources, where those that cannot stand alone are replaced by the one that includes them."""
    included = {part for listed in parts.values() for part in listed}
    alone = {source for source in sources if source not in included or _has_headers(source)}
    needing = set(sources) - alone
    return sorted(alone | {whole for whole, listed in parts.items() if needing & set(listed)} - needing)


def _has_headers(source: str) -> bool:
    try:
        return bool(_HEADER.search(regular_file.read(source, MOST_SOURCE, first=_HEAD)))
    except (OSError, ValueError, Problem):
        return False


def _kind(path: str, parts: dict[str, list[str]]) -> Flavour | None:
    """What a file is; None for what is no program, or only a header. `parts` learns which .c it includes."""
    suffix = os.path.splitext(path)[1]
    if suffix not in (*_SOURCES, ".o"):
        return None
    try:
        head = regular_file.read(path, MOST_SOURCE, first=_HEAD)
        marked = path.endswith(_NAMES) or any(mark in head for mark in _MARKS)
        if not head.startswith(b"\x7fELF") and (suffix == ".o" or not marked):
            return None
        if suffix == ".c" and (listed := _PART.findall(head)):
            parts[path] = [os.path.normpath(os.path.join(path, "..", os.fsdecode(part))) for part in listed]
        kind = detect.flavour(Path(path))
    except (OSError, ValueError, Problem):
        return None
    in_c = kind in (Flavour.LIBBPF, Flavour.BCC)
    text = head.decode("utf-8", "replace")
    none = in_c and not detect.is_program(text) and not detect.has_programs_in_headers(Path(path), text)
    return None if none or kind is Flavour.LOG else kind
