"""Reads the USDT probes of a program: its `.note.stapsdt` notes.

The notes' form is SystemTap's (UserSpaceProbeImplementation in its wiki): three addresses, three texts.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from bpfdoctor.formats.executable import Executable
from bpfdoctor.model.record import dataclass

_TYPE = 3
_BASE = ".stapsdt.base"  # where it was linked, to be compared with where the notes thought it would be
_MOST = 65_536
_ARGUMENT = re.compile(r"(-?)([1248])(f?)@(\[[^\]]*\]|\S+)")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a probe: its width in bytes, and where it is, in the assembler's words."""

    size: int
    is_signed: bool
    is_float: bool
    place: str


@dataclass(frozen=True, slots=True)
class UsdtPlace:
    """One place in the code that is one probe; inlining makes several of one."""

    provider: str
    name: str
    address: int  # virtual, as linked
    semaphore: int  # virtual address of its counter; 0 where there is none
    arguments: tuple[Argument, ...]
    spelled: str  # the arguments as they are in the note


def places(program: Executable) -> Iterator[UsdtPlace]:
    """Every place of every probe, in the order of the file."""
    base = program.section_address(_BASE)
    order = program.order
    for number, (type, data) in enumerate(program.notes(b"stapsdt")):
        if number == _MOST:
            return
        if type != _TYPE or len(data) < 24:
            continue
        address, linked, semaphore = struct.unpack_from(order + "QQQ", data)
        provider, name, arguments = (data[24:] + b"\0\0\0").split(b"\0")[:3]
        moved = base - linked if base is not None and linked else 0  # prelink moves code, but not notes
        spelled = arguments.decode("utf-8", "replace")
        yield UsdtPlace(
            provider.decode("utf-8", "replace"),
            name.decode("utf-8", "replace"),
            address + moved,
            semaphore + moved if semaphore else 0,
            parsed(spelled),
            spelled,
        )


def parsed(spelled: str) -> tuple[Argument, ...]:
    """The arguments: `-4@%edi 8@8(%rsp)`; a place that has spaces in it is one."""
    return tuple(
        Argument(int(size), bool(minus), bool(real), place)
        for minus, size, real, place in _ARGUMENT.findall(spelled)
    )
