"""Types of which only those that are asked for are read: a whole kernel's."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from functools import cached_property

from bpfdoctor.formats.btf import _TAIL, DATASEC, ENUM, ENUM64, INT, Btf, Type, _parts

_HEAD = struct.Struct("<III")


class LargeBtf(Btf):
    """A kernel's BTF has 130,000 types: where each begins costs a tenth of reading them all."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError or struct.error when the header is not BTF; a damaged end only loses types."""
        self.order, self._data, self._strings = _parts(data)
        self._read: dict[int, str] = {}
        if self.order != "<":
            raise ValueError("a big-endian kernel's BTF")
        self._names, self._at = array("I", [0]), array("I", [0])
        tails = [_TAIL.get(kind, (0, 0)) for kind in range(32)]
        at, end, unpack = 0, len(self._data) - _HEAD.size, _HEAD.unpack_from
        while at <= end:
            name, info, _ = unpack(self._data, at)
            self._names.append(name)
            self._at.append(at)
            fixed, each = tails[info >> 24 & 0x1F]
            at += _HEAD.size + fixed + each * (info & 0xFFFF)

    def __len__(self) -> int:
        return len(self._at)

    def type(self, id: int) -> Type | None:
        if not 0 < id < len(self._at):
            return Type(0, "void", 0, False, 0, 0) if id == 0 else None
        name, info, ref = _HEAD.unpack_from(self._data, self._at[id])
        tail = self._at[id] + _HEAD.size
        return Type(info >> 24 & 0x1F, self.string(name), info & 0xFFFF, bool(info >> 31), ref, tail)

    @cached_property
    def _types(self) -> list[Type]:  # type: ignore[override]
        return [found for id in range(len(self)) if (found := self.type(id)) is not None]

    def enumerators(self, id: int) -> dict[str, int]:
        """Name -> value of an enum's constants, each as an unsigned number; {} for anything else."""
        found = self.type(self.resolve(id))
        if found is None or found.kind not in (ENUM, ENUM64):
            return {}
        step = 3 if found.kind == ENUM64 else 2
        words = self._words(found, step * found.vlen)
        return {
            self.string(words[at]): words[at + 1] | (words[at + 2] << 32 if step == 3 else 0)
            for at in range(0, len(words), step)
        }

    def section(self, id: int) -> tuple[int, ...]:
        """The ids of what lies in a data section; () for anything else."""
        found = self.type(id)
        if found is None or found.kind != DATASEC:
            return ()
        return self._words(found, 3 * found.vlen)[::3]

    def is_signed(self, id: int) -> bool:
        """Whether it is an integer with a sign."""
        found = self.type(self.resolve(id))
        return found is not None and found.kind == INT and bool(self._words(found, 1)[0] >> 24 & 1)

    def named(self, name: str, *kinds: int) -> Iterator[int]:
        """The ids of the types of some kinds with this name."""
        wanted = b"\0" + name.encode() + b"\0"
        offset = self._strings.find(wanted)
        while offset >= 0:
            at = 0
            for _ in range(self._names.count(offset + 1)):
                at = self._names.index(offset + 1, at + 1)
                found = self.type(at)
                if found is not None and found.kind in kinds:
                    yield at
            offset = self._strings.find(wanted, offset + 1)
