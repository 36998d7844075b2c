"""Objects, also those that a loader's binary has inside: PATH, or PATH#2 where it has several."""

from __future__ import annotations

import os
import re
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.capture._limits import MOST_OBJECT
from bpfdoctor.formats import elf, embedded
from bpfdoctor.model.problem import Problem


def names(path: Path) -> list[str]:
    """What to call the objects of a file: its own path, or PATH#1, PATH#2 … for a binary with several."""
    found = 1
    if _is_binary(path):
        found = len(_inside(regular_file.read(path, MOST_OBJECT)))
    return [str(path)] if found < 2 else [f"{path}#{number}" for number in range(1, found + 1)]


def file_of(path: Path) -> Path:
    """The file that a name of an object means."""
    return _split(path)[0]


def read(path: Path) -> bytes | None:
    """The bytes of an object; None where a binary has none. Raises Problem and OSError."""
    file, number = _split(path)
    data = regular_file.read(file, MOST_OBJECT)
    if elf.is_bpf(data):
        return data
    found = _inside(data)
    if found and not 0 < number <= len(found):
        raise Problem(
            f"{file} has {len(found)} BPF objects inside, and no number {number}.",
            f"Name the file alone for all of them: {file}.",
        )
    return found[number - 1] if found else None


def _inside(data: bytes) -> list[bytes]:
    """Each once: linkers keep copies."""
    return list(dict.fromkeys(embedded.objects(data)))


def _is_binary(path: Path) -> bool:
    """Whether a file is ELF, and not for BPF."""
    try:
        head = regular_file.read(path, MOST_OBJECT, first=64)
    except (OSError, ValueError, Problem):
        return False
    return elf.kind(head) is not None and not elf.is_bpf(head)


def _split(path: Path) -> tuple[Path, int]:
    numbered = re.fullmatch(r"(.+)#(\d{1,4})", str(path), re.S)
    if numbered is None or os.path.lexists(path):
        return path, 1
    return Path(numbered[1]), int(numbered[2])
