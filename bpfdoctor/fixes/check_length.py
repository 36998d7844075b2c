"""Limits the length that a call gets, in front of the statement with the call."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.source.cvalues import Call


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `length` (the variable), `room` (what the buffer holds), `buffer`, `leave`."""
    at = site(context)
    argument = getattr(facts, "argument", None)
    if at is None or not argument:
        return ()
    for call in at.c.calls_on(at.line):
        if argument <= len(call.args) and (length := call.args[argument - 1].text).isidentifier():
            buffer = _buffer(call, argument)
            declared = at.c.declaration_of(length, at.line)
            if declared is None or buffer is None:
                continue
            room = f"sizeof({buffer.lstrip('&')})"
            named = at.c.declaration_of(buffer.lstrip("&"), at.line)
            if named is not None and named.pointer and not named.arrays:
                room = f"sizeof(*{buffer})"
            return at.before(at.line, {"length": length, "room": room, "buffer": buffer})
    return ()


def _buffer(call: Call, argument: int) -> str | None:
    """The memory that a length belongs to: the argument in front of it, or behind it where that is none."""
    neighbours = [call.args[n].text for n in (argument - 2, argument) if 0 <= n < len(call.args)]
    names = [
        text for text in neighbours if text.lstrip("&").replace("->", "").replace(".", "").isidentifier()
    ]
    return names[0] if names else None
