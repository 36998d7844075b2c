"""Reads a field of an object in front of the call that gives the object back, and uses the copy behind it."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan, free_name, site
from bpfdoctor.model.trace import Step


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `type`, `copy` (the new variable), `value` (the field)."""
    released = getattr(facts, "invalidated", None)
    at = site(context)
    gone = site(context, context.source.place(released)) if isinstance(released, Step) else None
    if at is None or gone is None or gone.function != at.function or gone.line >= at.line:
        return ()
    for access in at.c.accesses_on(at.line):
        if access.kind != "arrow" or access.address or access.written or access.span.line != access.span.end_line:
            continue
        copy = free_name(at.c.text, access.member)
        replaced = at.replacement(access.span.line, access.span.column, access.span.end_column, copy)
        inserted = gone.before(gone.line, {"type": f"typeof({access.text})", "copy": copy, "value": access.text})
        return (*inserted, replaced) if len(inserted) == 1 else ()
    return ()
