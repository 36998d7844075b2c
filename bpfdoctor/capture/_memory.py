"""Finds the BPF object that LLVM made in this process: libbcc keeps it, but hands out its instructions only.

MCJIT owns the object file that the code was loaded from, with line and variable information, for as long as
libbcc keeps its engine. It begins like any ELF file for BPF, so it can be found by that.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_MAGIC = b"\x7fELF\x02"
_RELOCATABLE_BPF = (b"\x01\x00\xf7\x00", b"\x00\x01\x00\xf7")  # e_type ET_REL, e_machine EM_BPF, either order
_HEADER, _SECTION = 64, 64  # bytes
_LARGEST = 1 << 28


def bpf_object() -> bytes | None:
    """A relocatable BPF object in this process's memory; None when there is none."""
    memory = os.open("/proc/self/mem", os.O_RDONLY)
    try:
        for first, end in _areas():
            text = _read(memory, first, min(end - first, _LARGEST))
            at = text.find(_MAGIC)
            while at >= 0:
                if found := _object(text, at):
                    return found
                at = text.find(_MAGIC, at + 1)
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


def _object(text: bytes, at: int) -> bytes | None:
    """The object that begins there, when all of it is there: what was freed is soon written over."""
    head = text[at : at + _HEADER]
    if len(head) < _HEADER or head[16:20] not in _RELOCATABLE_BPF:
        return None
    order: Literal["little", "big"] = "little" if head[5] == 1 else "big"

    def number(data: bytes, first: int, size: int) -> int:
        return int.from_bytes(data[first : first + size], order)

    table, count = number(head, 40, 8), number(head, 60, 2)
    size = table + count * _SECTION
    if count < 2 or table < _HEADER or at + size > len(text):
        return None
    found = text[at : at + size]
    sections = [found[start : start + _SECTION] for start in range(table, size, _SECTION)]
    whole = all(number(each, 24, 8) + number(each, 32, 8) <= table for each in sections)
    return found if whole and not any(sections[0]) else None
