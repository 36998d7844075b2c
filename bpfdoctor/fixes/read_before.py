"""Reads a field of an object before the call that gives the object back, and uses the copy after it."""

from __future__ import annotations

from bpfdoctor.analysis.collectors.helper_args import HelperArgs
from bpfdoctor.analysis.collectors.number_origin import NumberOrigin
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import AccessKind


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `type`, `copy` (the new variable), `value` (the field)."""
    released = facts.invalidated if isinstance(facts, NumberOrigin | HelperArgs) else None
    at = site(context)
    gone = site(context, context.source.place(released)) if released is not None else None
    if at is None or gone is None or gone.function != at.function or gone.line >= at.line:
        return ()
    for access in at.c.accesses_on(at.line, at.column):
        span = access.span
        if (
            access.kind is not AccessKind.ARROW
            or access.address
            or access.written
            or span.line != span.end_line
        ):
            continue
        copy = at.fresh_name(access.member)
        replaced = at.replacement(span.line, span.column, span.end_column, copy)
        values = {"type": f"typeof({access.text})", "copy": copy, "value": access.text}
        inserted = gone.before(gone.line, values)
        return (*inserted, replaced) if inserted else ()
    return ()
