"""Limits a number before it is added to a packet pointer: beyond that no check of the packet's end counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import replace

# The verifier's MAX_PACKET_OFF; with constants beside the number the sum has to stay below it. (Compilers ask
# for the sign of 16 bits where a limit is 0x7fff.)
_LIMITS = ("0xffff", "0x7f00")
_PACKET = "pkt"
_NUMBER = r"[A-Za-z_]\w*(?:(?:->|\.)\w+)*"
_ADDED = re.compile(rf"\+\s*\(?\s*({_NUMBER})\b(?!\s*[(\[])|\b[A-Za-z_]\w*\s*\+=\s*({_NUMBER})\s*;")
_BYTE = re.compile(r"(?:__)?(?:u8|s8|be8)|(?:unsigned )?char|u?int8_t")
_PARTS = 3  # pointers that are made of one another


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `index`, `limit`, `leave`. Of a member the verifier tells whether it is signed.

    A smaller limit than a packet's length only where the rule speaks of the length, and calls its fix unsafe.
    """
    at = site(context)
    kind = context.captures.get("kind")
    if at is None or (kind is not None and kind != _PACKET):
        return
    for here in _additions(at):
        for name in dict.fromkeys(_added(here)):
            for limit in _LIMITS if kind is None else _LIMITS[:1]:
                leave = way_out.of_packet(here, here.line)
                index = here.unsigned(name) if name.isidentifier() else name
                values = {"index": index, "limit": limit, "leave": leave}
                limited = here.before(here.line, values, here.column)
                if limited:
                    yield limited
                    yield (*limited, *_grouped(here, name))


def _additions(at: Site) -> Iterator[Site]:
    """The refused line, and those that its pointers come from, the nearest first."""
    yield at
    line = at.line
    for _ in range(_PARTS):
        names = at.c.names_on(line)
        made = [each for each in at.c.assignments(None, at.function.start, line - 1) if each.target in names]
        pointers = [each for each in made if _is_pointer(at, each.target)]
        if not pointers:
            return
        line = pointers[-1].span.line
        yield replace(at, line=line, column=pointers[-1].span.column)


def _is_pointer(at: Site, name: str) -> bool:
    declared = at.c.declaration_of(name, at.line) if name.isidentifier() else None
    return declared is not None and declared.pointer


def _added(at: Site) -> Iterator[str]:
    """The numbers in variables and members that the line adds to pointers; what is a byte is small enough."""
    for found in _ADDED.finditer(at.c.line(at.line)):
        name = found[1] or found[2]
        if not name.isidentifier():
            yield name
            continue
        declared = at.c.declaration_of(name, at.line)
        is_plain = declared is not None and not (declared.pointer or declared.arrays or declared.struct)
        if declared is not None and is_plain and not _BYTE.fullmatch(declared.type):
            yield name


def _grouped(at: Site, name: str) -> Iterator[Plan]:
    """`data + len - 1` as `data + (len - 1)`: no packet pointer may be moved back before its check."""
    found = re.search(rf"\+\s*({re.escape(name)}\s*-\s*(?:\d+|[A-Z_]\w*))\b(?!\s*[*/(])", at.c.line(at.line))
    if found is not None:
        yield at.replacement(at.line, found.start(1) + 1, found.end(1) + 1, f"({found[1]})")
