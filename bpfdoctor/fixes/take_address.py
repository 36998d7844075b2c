"""Passes the address of a variable that holds the value, where a helper wants memory."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of, call_of
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Call

_CAST = re.compile(r"^\(\s*(?:const\s+)?\w+\s*\*\s*\)\s*(?:\(\s*(?:unsigned\s+)?\w+\s*\)\s*)*")

_BY_KEY = ("bpf_map_lookup_elem", "bpf_map_delete_elem", "lookup", "delete")  # the second argument is the key


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `type`, `given` and `value` of a new variable; none for one that is there."""
    at, argument, call = site(context), argument_of(context), call_of(context)
    if at is None or argument is None or call is None or argument.span.line != argument.span.end_line:
        return ()
    span, value = argument.span, _CAST.sub("", argument.text)
    declared = at.c.declaration_of(value, at.line) if value.isidentifier() else None
    if not re.fullmatch(r"[\w.>-]+", value) or (declared is not None and declared.pointer):
        return ()
    if declared is not None:
        return (at.replacement(span.line, span.column, span.end_column, f"&{value}"),)
    type_ = _key_type(at, call) if value.isdigit() else f"typeof({value})"
    if type_ is None:
        return ()
    given = at.free_name("key" if value.isdigit() else "given")
    inserted = at.before(span.line, {"type": type_, "given": given, "value": value}, span.column)
    replaced = at.replacement(span.line, span.column, span.end_column, f"&{given}")
    return (*inserted, replaced) if inserted else ()


def _key_type(at: Site, call: Call) -> str | None:
    """The type of the key of the map that is looked up."""
    name = call.receiver or call.args[0].text.lstrip("&")
    declared = at.c.maps.get(name)
    return declared.key if declared is not None and call.name in _BY_KEY else None
