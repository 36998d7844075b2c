"""Passes the address of a variable that holds the value, where a helper wants memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of, call_of
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Argument, Call

_CAST = re.compile(r"^\(\s*(?:const\s+)?\w+\s*\*\s*\)\s*(?:\(\s*(?:unsigned\s+)?\w+\s*\)\s*)*")

# The second argument is the key, the third the value.
_BY_KEY = ("bpf_map_lookup_elem", "bpf_map_delete_elem", "bpf_map_update_elem", "lookup", "delete", "update")
_WITH_VALUE = ("bpf_map_update_elem", "update")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `type`, `given` and `value` of a new variable; none for one that is there."""
    at, argument, call = site(context), argument_of(context), call_of(context)
    if at is None or argument is None or call is None or argument.span.line != argument.span.end_line:
        return
    yield _by_value(at, argument, call)
    yield _computed(at, argument, call)


def _computed(at: Site, argument: Argument, call: Call) -> tuple[Plan, ...]:
    """`bpf_ktime_get_ns()`, `a + b`: a variable of the type that the map has."""
    text, span = argument.text, argument.span
    type_ = type_in_map(at, call, text)
    if type_ is None or text.startswith("&") or re.fullmatch(r"[\w.>-]+", text):
        return ()
    given = at.fresh_name(_name(call, text))
    inserted = at.before(span.line, {"type": type_, "given": given, "value": text}, span.column)
    replaced = at.replacement(span.line, span.column, span.end_column, f"&{given}")
    return (*inserted, replaced) if inserted else ()


def _by_value(at: Site, argument: Argument, call: Call) -> tuple[Plan, ...]:
    span, value = argument.span, _CAST.sub("", argument.text)
    declared = at.c.declaration_of(value, at.line) if value.isidentifier() else None
    by_value = declared is not None and declared.type == type_in_map(at, call, argument.text)
    by_value = by_value or _is_passed_elsewhere(at, call, f"&{value}")
    if not re.fullmatch(r"[\w.>-]+", value) or (declared is not None and declared.pointer and not by_value):
        return ()
    if declared is not None:
        return (at.replacement(span.line, span.column, span.end_column, f"&{value}"),)
    type_ = type_in_map(at, call, argument.text) if value.isdigit() else f"typeof({value})"
    if type_ is None:
        return ()
    if unused := _unused(at, call, type_):
        return (at.replacement(span.line, span.column, span.end_column, f"&{unused}"),)
    given = at.fresh_name(_name(call, argument.text) if value.isdigit() else "given")
    inserted = at.before(span.line, {"type": type_, "given": given, "value": value}, span.column)
    replaced = at.replacement(span.line, span.column, span.end_column, f"&{given}")
    return (*inserted, replaced) if inserted else ()


def _unused(at: Site, call: Call, type_: str) -> str | None:
    """The one variable of this type that is given a value and used by nothing; a structure even so."""
    passed = " ".join(each.text for each in call.args)
    of_type = [
        each.name
        for each in at.c.locals(at.function)
        if (each.type, each.pointer, each.arrays) == (type_, False, ()) and each.span.line <= at.line
    ]
    declared = at.c.maps.get(call.args[0].text.lstrip("&")) if call.args else None
    is_of_many = declared is not None and "HASH" in declared.kind  # no element is the first one there
    if (type_.startswith("struct ") or is_of_many) and len(of_type) == 1:
        return of_type[0]
    found = [name for name in of_type if name not in re.findall(r"\w+", passed) and not _is_read(at, name)]
    alone = [each for each in found if at.c.mentions(each, at.function.start, at.function.end) < 2]
    return next((names[0] for names in (alone, found) if len(names) == 1), None)


def _is_read(at: Site, name: str) -> bool:
    """Whether something takes its value: its declaration, its size and its address as an argument do not."""
    lines = (at.c.line(line) for line in range(at.function.start, at.function.end + 1))
    text = re.sub(rf"&\s*{name}\b|\bsizeof\s*\(\s*{name}\s*\)", "", "\n".join(lines))
    return len(re.findall(rf"\b{name}\b", text)) > 1


def _is_passed_elsewhere(at: Site, call: Call, text: str) -> bool:
    """Whether another call on the same map gets the address of a variable that is called so."""
    map_ = call.args[0].text if call.args else ""
    lines = range(1, len(at.c.lines) + 1)
    others = (each for n in lines if text in at.c.line(n) for each in at.c.calls_on(n))
    return any(
        text in [given.text for given in each.args[1:]] and each.args[0].text == map_ for each in others
    )


def type_in_map(at: Site, call: Call, text: str) -> str | None:
    """The type of the keys of the call's map, or of its values, where an argument stands for one."""
    name = call.receiver or (call.args[0].text.lstrip("&") if call.args else "")
    declared = at.c.maps.get(name)
    if declared is None:
        return None
    return (
        declared.key
        if _name(call, text) == "key"
        else declared.value
        if _name(call, text) == "value"
        else None
    )


def _name(call: Call, text: str) -> str:
    """What an argument of a call on a map is: "key", "value", or "given"."""
    at = next((index for index, each in enumerate(call.args) if each.text == text), -1)
    at += call.receiver is not None
    if call.name in _BY_KEY and at == 1:
        return "key"
    return "value" if call.name in _WITH_VALUE and at == 2 else "given"
