"""Keeps the compiler from making one test of the conditions that the source joins with && or ||."""

from __future__ import annotations

from bpfdoctor.analysis.collectors.map_value_range import ObjectRange
from bpfdoctor.analysis.collectors.pointer_origin import PointerOrigin
from bpfdoctor.analysis.collectors.scalar_range import ScalarRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts, Loss
from bpfdoctor.pattern import later

# No compiler moves one test past it, or makes one test of those before and after it.
_APART = {"&&": '({ asm volatile(""); 1; }) &&', "||": '({ asm volatile(""); 0; }) ||'}
_OF_A_COPY = (Loss.OTHER_COPY, Loss.NARROWED, Loss.CHANGED)
_JOINT = later(r"&&|\|\|")
_MOST = 4  # operators of a condition; longer ones are not made longer still


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The condition that was compiled to one test, with something between its parts; it has no code."""
    step = None
    if isinstance(facts, PointerOrigin):
        step = facts.cause
    elif isinstance(facts, ScalarRange | ObjectRange) and facts.why in _OF_A_COPY:
        step = facts.check
    at = site(context, context.source.place(step)) if step is not None else None
    if at is None:
        return ()
    conditions = [each for each in at.c.conditions_before(at.line) if each.span.holds(at.line)]
    if len(conditions) != 1 or conditions[0].span.line != conditions[0].span.end_line:
        return ()
    span = conditions[0].span
    line = at.c.line(span.line)
    found = list(_JOINT.finditer(line, span.column - 1, span.end_column - 1))
    if not 0 < len(found) <= _MOST or "asm" in line:
        return ()
    return tuple(
        at.replacement(span.line, each.end() + 1, each.end() + 1, f" {_APART[each[0]]}") for each in found
    )
