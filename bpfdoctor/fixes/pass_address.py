"""Passes the address of a map or a structure where the compiler was given the thing itself."""

from __future__ import annotations

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.model.diagnosis import Facts


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`bpf_map_lookup_elem(flows, …)` becomes `bpf_map_lookup_elem(&flows, …)`: every one of the file."""
    place = context.source.block_place(context.finding.block)
    c = context.source.c(place.file) if place is not None else None
    if place is None or c is None or place.column is None:
        return ()
    here = [each for call in c.calls_on(place.line) for each in call.args]
    named = next((e.text for e in here if (e.span.line, e.span.column) == (place.line, place.column)), "")
    declared = c.declaration_of(named, place.line) if named.isidentifier() else None
    is_structure = declared is not None and declared.struct and not declared.pointer and not declared.arrays
    if named not in c.maps and not is_structure:
        return ()
    plans: dict[tuple[int, int], Plan] = {}
    for function in c.functions:
        if named not in c.maps and function != c.function_at(place.line):
            continue
        at = Site(place.file, place.line, place.column, c, function)
        for line in range(function.start, function.end + 1):
            for each in (each for call in c.calls_on(line) for each in call.args if each.text == named):
                span = each.span
                new = at.replacement(span.line, span.column, span.column, "&")
                plans[span.line, span.column] = new
    return tuple(plans.values())
