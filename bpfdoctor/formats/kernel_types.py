"""What a kernel's own BTF says of a few names, without taking its hundred thousand types apart."""

from __future__ import annotations

import struct
from functools import cached_property

from bpfdoctor.formats.btf import ENUM, ENUM64, FUNC, PTR, STRUCT, TYPEDEF
from bpfdoctor.formats.large_btf import LargeBtf

_LARGEST_ID = 1 << 24  # a type's id is below, so no member of a structure is mistaken for a type's head


class KernelTypes:
    """The types of a kernel or a module."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError or struct.error when it is no BTF."""
        if data[:2] not in (b"\x9f\xeb", b"\xeb\x9f"):
            raise ValueError("not BTF")
        self._order = "<" if data[:2] == b"\x9f\xeb" else ">"
        self._data = data
        head, types, types_len, strings, strings_len = struct.unpack_from(self._order + "IIIII", data, 4)
        self._types = data[head + types :][:types_len]
        self._strings = data[head + strings :][:strings_len]

    def has_function(self, name: str) -> bool:
        """Whether there is a function of this name; inlined ones have no type."""
        return self._has(name, FUNC)

    def has_name(self, name: str) -> bool:
        """Whether anything has it: a module's own BTF does not repeat what is in here."""
        return b"\0" + name.encode() + b"\0" in self._strings

    def has_struct(self, name: str) -> bool:
        return self._has(name, STRUCT)

    def has_typedef(self, name: str) -> bool:
        return self._has(name, TYPEDEF)

    def has_enum(self, name: str) -> bool:
        return self._has(name, ENUM) or self._has(name, ENUM64)

    def names(self, prefix: str) -> tuple[str, ...]:
        """Every name in it that begins so: of functions, types, members."""
        found, start = [], 0
        wanted = b"\0" + prefix.encode()
        while (at := self._strings.find(wanted, start)) >= 0:
            end = self._strings.find(b"\0", at + 1)
            found.append(self._strings[at + 1 : end].decode("utf-8", "replace"))
            start = end
        return tuple(found)

    def arguments(self, typedef: str) -> int | None:
        """How many arguments a tracepoint has, by the typedef of its prototype (`btf_trace_sched_switch`).

        The first parameter of the prototype is the kernel's own.
        """
        whole = self.whole
        pointer = next((whole.type(whole.resolve(id)) for id in whole.named(typedef, TYPEDEF)), None)
        if pointer is None or pointer.kind != PTR:
            return None
        return max(len(whole.params(pointer.ref)) - 1, 0)

    @cached_property
    def whole(self) -> LargeBtf:
        """All of it: takes a tenth of a second."""
        return LargeBtf(self._data)

    def _has(self, name: str, kind: int) -> bool:
        """Whether a type of this kind has the name: its head is the name's offset, then kind and count."""
        offset = self._strings.find(b"\0" + name.encode() + b"\0") + 1
        if offset <= 0 or not name:
            return False
        wanted, at = struct.pack(self._order + "I", offset), -1
        while (at := self._types.find(wanted, at + 1)) >= 0:
            if at % 4 == 0 and at + 8 <= len(self._types):
                (info,) = struct.unpack_from(self._order + "I", self._types, at + 4)
                if info >= _LARGEST_ID and info >> 24 & 0x1F == kind:
                    return True
        return False
