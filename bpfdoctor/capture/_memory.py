"""Finds the BPF object that LLVM made in this process: libbcc keeps it, but hands out its instructions only.

MCJIT owns the object file that the code was loaded from, with line and variable information, for as long as
libbcc keeps its engine.
"""

from __future__ import annotations

import os

from bpfdoctor.formats import embedded

_LARGEST = 1 << 28


def bpf_object() -> bytes | None:
    """A relocatable BPF object in this process's memory; None when there is none."""
    memory = os.open("/proc/self/mem", os.O_RDONLY)
    try:
        for first, end in _areas():
            text = _read(memory, first, min(end - first, _LARGEST))
            if found := next(embedded.objects(text), None):
                return found
    finally:
        os.close(memory)
    return None


def _areas() -> list[tuple[int, int]]:
    """Memory that is no file's: the heap and what was mapped beside it."""
    areas = []
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            where, rights, _, _, inode, *name = line.split(None, 5)
            if rights.startswith("rw") and inode == "0" and not "".join(name).startswith("[stack"):
                first, _, end = where.partition("-")
                areas.append((int(first, 16), int(end, 16)))
    return areas


def _read(memory: int, first: int, size: int) -> bytes:
    try:
        return os.pread(memory, size, first)
    except OSError:
        return b""
