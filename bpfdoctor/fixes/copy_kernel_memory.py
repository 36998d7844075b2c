"""Copies what lies in a kernel object onto the stack, where a helper takes no such memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of, call_of
from bpfdoctor.fixes import take_address
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Argument, Call

_MEMBER = re.compile(r"&?\w+(?:(?:->|\.)\w+)+")
_ARRAY = re.compile(r"(?P<type>[\w ]+?)\s*\[(?P<count>[^\]]+)\]")
_OF_KERNEL = ("trusted_ptr_", "ptr_", "rcu_ptr_", "untrusted_ptr_")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `code`, the copy's declaration and what fills it."""
    at, argument, call = site(context), argument_of(context), call_of(context)
    if at is None or argument is None or call is None or context.captures.get("kind") not in _OF_KERNEL:
        return ()
    return copied(at, argument, call)


def copied(at: Site, argument: Argument, call: Call) -> tuple[Plan, ...]:
    """For a map's key or value that is a member: the copy before the call, and for the map's later calls."""
    text = argument.text
    type_ = take_address.type_in_map(at, call, text)
    if type_ is None or not _MEMBER.fullmatch(text) or argument.span.line != argument.span.end_line:
        return ()
    name = at.fresh_name(re.split(r"->|\.", text)[-1])
    array = _ARRAY.fullmatch(type_)
    is_address = text.startswith("&")
    if array is None and not is_address:
        return ()  # a number: another fixer's
    declared = f"{array['type']} {name}[{array['count']}];" if array else f"{type_} {name};"
    new = name if array else f"&{name}"
    read = f"bpf_probe_read_kernel({new}, sizeof({name}), {text});"
    inserted = at.before(call.span.line, {"code": (declared, "", read)}, call.span.column)
    changed = (
        at.replacement(each.span.line, each.span.column, each.span.end_column, new)
        for each in _same(at, call, text)
    )
    return (*inserted, *changed) if inserted else ()


def _same(at: Site, call: Call, text: str) -> Iterator[Argument]:
    """The argument, and the same of later calls on the map."""
    seen = set()
    for line in range(call.span.line, at.function.end):
        for each in at.c.calls_on(line):
            start = (each.span.line, each.span.column)
            if each.span in seen or start < (call.span.line, call.span.column) or not each.args:
                continue
            seen.add(each.span)
            if each.args[0].text == call.args[0].text:
                yield from (
                    given
                    for given in each.args[1:]
                    if given.text == text and given.span.line == given.span.end_line
                )
