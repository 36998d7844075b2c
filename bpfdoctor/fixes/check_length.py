"""Limits the length that a call gets, before the statement with the call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bpfdoctor.analysis.collectors.scalar_range import ScalarRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import declare_map, way_out
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Argument, Call

_LATER = re.compile(r"(?P<base>\w+)\s*\+\s*(?P<offset>\w+)|&(?P<array>\w+)\[(?P<index>\w+)\]")
_ARRAY = re.compile(r"^.*\[(?P<count>[^\]]+)\]$")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `length`, the same `compared` (unsigned), `room` (of the memory), `failed`.

    `hidden`: the compiler is not to know what the length was compared with before. `copied`: from what the
    length is made, in a variable of its own.
    """
    at = site(context)
    argument = facts.argument if isinstance(facts, ScalarRange) else None
    for call in at.c.calls_on(at.line, at.column) if at is not None else ():
        for number in (argument,) if argument else range(1, len(call.args) + 1):
            length = call.args[number - 1].text if number <= len(call.args) else ""
            declared = at.c.declaration_of(length, at.line) if at and length.isidentifier() else None
            if at is None or declared is None or declared.pointer or declared.arrays:
                continue
            if room := _room(at, call, number):
                yield from _limited(at, call.args[number - 1], room)
                return


def _limited(at: Site, given: Argument, room: str) -> Iterator[tuple[Plan, ...]]:
    length = given.text
    values: dict[str, Any] = {"length": length, "compared": at.unsigned(length), "room": room}
    values |= {"failed": _failed(at, length), "hidden": False, "copied": None}
    yield at.before(at.line, values)
    if values["compared"] != length:
        # In 32 bits some compilers compare a copy; beside sizeof it is compared in 64.
        if room.startswith("sizeof"):
            yield at.before(at.line, {**values, "compared": length})
        yield at.before(at.line, {**values, "hidden": True})
    copy = at.fresh_name(f"{length}_copy")
    made = at.before(at.line, {**values, "length": copy, "compared": copy, "hidden": True, "copied": length})
    if made and given.span.line == given.span.end_line:
        yield (*made, at.replacement(given.span.line, given.span.column, given.span.end_column, copy))


def _failed(at: Site, length: str) -> str | None:
    """The way out where the length is what a helper returned, and so may be an error; None elsewhere."""
    made = at.c.assignments(length, at.function.start, at.line)
    is_answer = bool(made) and re.match(r"bpf_\w+\s*\(", made[-1].value) is not None
    return way_out.of_range(at, at.line) if is_answer and at.unsigned(length) != length else None


def _room(at: Site, call: Call, argument: int) -> str | None:
    """How much fits into the memory that a length belongs to: the argument before it or after it."""
    for position in (argument - 2, argument):
        text = call.args[position].text if 0 <= position < len(call.args) else ""
        name = text.lstrip("&")
        if name in at.c.maps:
            continue  # the map is no memory that the length is about
        if later := _LATER.fullmatch(text):
            whole = _room_of(at, later["base"] or later["array"])
            return f"{whole} - {later['offset'] or later['index']}" if whole else None
        declared = at.c.declaration_of(name, at.line) if name.isidentifier() else None
        if declared is None:
            if re.fullmatch(r"\w+(?:(?:->|\.)\w+)+", name):
                return f"sizeof({name})"
        elif declared.arrays or text != name or not declared.pointer:
            return f"sizeof({name})"
        elif declared.struct:
            return f"sizeof(*{name})"
        elif in_map := _room_of(at, name):
            return in_map
    return None


def _room_of(at: Site, name: str) -> str | None:
    """How large the array, or the map value without a structure, is that begins where a name points to."""
    declared = at.c.declaration_of(name, at.line)
    if declared is not None and declared.arrays:
        return f"sizeof({name})"
    looked_up = [lookup for lookup in at.c.lookups(1, at.line) if lookup.variable == name]
    known = at.c.maps.get(looked_up[-1].map.lstrip("&")) if looked_up else None
    if known is None:
        return None
    array = _ARRAY.match(known.value or "")
    sizes = (each.value for each in declare_map.entries(at.c, known) if each.name == "value_size")
    return array["count"] if array else next(sizes, None)
