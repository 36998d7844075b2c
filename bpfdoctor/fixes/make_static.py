"""Makes a global function static: it is verified with what its callers pass, and not alone."""

from __future__ import annotations

from bpfdoctor.analysis.collectors.map_value_range import ObjectRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Facts


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`static` before the head of the function that the message names, of the one that is called there, or of
    the one whose argument it is about.
    """
    place = context.source.place(context.step) if context.step is not None else None
    file = place.file if place is not None else context.source.user_file
    c = context.source.c(file) if file else None
    if file is None or c is None:
        return ()
    named = str(context.captures.get("func") or "")
    called = [each.name for each in c.calls_on(place.line, place.column)] if place is not None else []
    around = c.function_at(place.line) if place is not None and isinstance(facts, ObjectRange) else None
    named_or_called = map(c.function, [*filter(None, [named]), *called])
    for function in filter(None, [around] if around is not None else named_or_called):
        if function.section is None and function.macro is None and not function.static:
            line = function.start
            at = len(c.indent_of(line)) + 1
            return (Plan(file, line, line, column=at, end_column=at, text="static "),)
    return ()
