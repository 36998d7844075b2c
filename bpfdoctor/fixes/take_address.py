"""Passes the address of a variable that holds the value, where a helper wants memory."""

from __future__ import annotations

import re

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan, site

_CAST = re.compile(r"^\(\s*(?:const\s+)?\w+\s*\*\s*\)\s*(?:\(\s*(?:unsigned\s+)?\w+\s*\)\s*)*")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `type` and `value` of a new variable `given`; none for one that exists already."""
    at = site(context)
    argument = getattr(facts, "argument", None)
    callee = getattr(facts, "callee", None)
    if at is None or not argument:
        return ()
    for call in at.c.calls_on(at.line):
        known = callee in (call.name, f"bpf_map_{call.name}_elem")
        position = argument - (1 if call.receiver is None else 2)  # BCC's map.lookup(&key) hides the map
        if not known or not 0 <= position < len(call.args):
            continue
        span, text = call.args[position].span, call.args[position].text
        value = _CAST.sub("", text)
        if span.line != span.end_line or not re.fullmatch(r"[\w.>-]+", value) or value.isdigit():
            return ()
        declared = at.c.declaration_of(value, at.line) if value.isidentifier() else None
        if declared is not None and declared.pointer:
            return ()
        if declared is not None:
            return (at.replacement(span.line, span.column, span.end_column, f"&{value}"),)
        inserted = at.before(at.line, {"type": f"typeof({value})", "value": value})
        replaced = at.replacement(span.line, span.column, span.end_column, "&given")
        return (*inserted, replaced) if len(inserted) == 1 else ()
    return ()
