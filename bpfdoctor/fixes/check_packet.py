"""Compares the end of what is read with the packet's end, before the statement that reads it."""

from __future__ import annotations

from bpfdoctor.analysis.collectors.packet_range import PacketRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import AccessKind


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `reach` (where the access ends), `end` (the packet's end), `leave`."""
    at = site(context)
    if at is None:
        return ()
    reach, end = _reach(at, facts), _end(at, facts)
    if reach is None or end is None:
        return ()
    name, type_ = end
    cast = "(void *)" if type_.endswith("*") else f"({type_})"
    return at.before(at.line, {"reach": f"{cast}({reach})", "end": name})


def _reach(at: Site, facts: Facts | None) -> str | None:
    """The first byte after what is read, in C: `udp + 1`, `p + i + 1`."""
    found = [access for access in at.c.accesses_on(at.line, at.column) if not access.address]
    accesses = [access for access in found if access.root != at.context]
    here = [a for a in accesses if at.column and a.span.column <= at.column < a.span.end_column] or accesses
    for access in here:
        if access.kind is AccessKind.ARROW:
            return f"{access.base} + 1"
        if access.kind is AccessKind.INDEX:
            return f"{access.base} + {access.member} + 1"
        if access.kind is AccessKind.DEREF:
            return f"{access.base} + 1"
    return None


def _end(at: Site, facts: Facts | None) -> tuple[str, str] | None:
    """The variable that holds the packet's end, and its type."""
    names = [facts.end] if isinstance(facts, PacketRange) else []
    for assignment in at.c.assignments(None, at.function.start, at.line):
        if assignment.value.endswith("data_end"):
            names.append(assignment.target)
    for name in names:
        if name and (declared := at.c.declaration_of(name, at.line)):
            return name, declared.type
    return None
