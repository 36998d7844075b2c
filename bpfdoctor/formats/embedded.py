"""Finds BPF objects in other bytes: a loader's binary, or the memory of a process that compiles.

libbpf's skeletons, bpf2go and include_bytes!() put an object into their loader as it is, and LLVM's MCJIT
keeps the one that its code was loaded from. Each begins like any ELF file for BPF.
"""

from __future__ import annotations

TYPE_CHECKING = False  # children import this in a bare interpreter
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

_MAGIC = b"\x7fELF\x02"
_RELOCATABLE_BPF = (b"\x01\x00\xf7\x00", b"\x00\x01\x00\xf7")  # e_type ET_REL, e_machine EM_BPF, either order
_HEADER, _SECTION = 64, 64  # bytes
_NOBITS = 8  # sh_type of .bss, which has a size and no bytes


def objects(text: bytes) -> Iterator[bytes]:
    """The relocatable BPF objects in `text`, as they come."""
    at = text.find(_MAGIC)
    while at >= 0:
        found = _object(text, at)
        if found:
            yield found
        at = text.find(_MAGIC, at + len(found or _MAGIC))


def _object(text: bytes, at: int) -> bytes | None:
    """The object that begins there, when all of it is there: memory that was freed is soon written over.

    Those who write objects (LLVM, libelf) put the table of sections last.
    """
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
    stored = [each for each in sections if number(each, 4, 4) != _NOBITS]
    whole = all(number(each, 24, 8) + number(each, 32, 8) <= table for each in stored)
    return found if whole and not any(sections[0]) else None
