"""The CO-RE relocations of an object: which instruction asks what of the kernel's types."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.btf_ext import _INSN, _records
from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.record import dataclass


class Asks(IntEnum):
    """enum bpf_core_relo_kind, include/uapi/linux/bpf.h."""

    FIELD_OFFSET = 0
    FIELD_SIZE = 1
    FIELD_EXISTS = 2
    FIELD_SIGNED = 3
    FIELD_LEFT_SHIFT = 4
    FIELD_RIGHT_SHIFT = 5
    LOCAL_TYPE = 6
    TYPE = 7
    TYPE_EXISTS = 8
    TYPE_SIZE = 9
    ENUMERATOR_EXISTS = 10
    ENUMERATOR_VALUE = 11
    TYPE_MATCHES = 12

    @property
    def is_guard(self) -> bool:
        """Whether the answer may be no: the others must be found."""
        return self in _GUARDS


_GUARDS = frozenset({Asks.FIELD_EXISTS, Asks.TYPE_EXISTS, Asks.ENUMERATOR_EXISTS, Asks.TYPE_MATCHES})
_KNOWN = frozenset(map(int, Asks))


@dataclass(frozen=True, slots=True)
class CoreRelocation:
    """`insn` counts from the start of the section; `type` is an id of the object's BTF.

    `access` says which member of which member (`0:4:1`), or which enumerator; "0" for a whole type.
    """

    section: str
    insn: int
    type: int
    access: str
    asks: Asks


def read(elf: Elf, btf: Btf) -> Iterator[CoreRelocation]:
    """Those of an object; damaged records, and kinds of later compilers, are left out."""
    data = elf.data(".BTF.ext")
    try:
        order = "<" if data[:2] == b"\x9f\xeb" else ">"
        (head,) = struct.unpack_from(order + "I", data, 4)
        start, length = struct.unpack_from(order + "II", data, 24) if head >= 32 else (0, 0)
    except struct.error:
        return
    for section, (offset, type, access, asks) in _records(data[head + start :][:length], order, "IIII", btf):
        if asks in _KNOWN:
            yield CoreRelocation(section, offset // _INSN, type, btf.string(access), Asks(asks))
