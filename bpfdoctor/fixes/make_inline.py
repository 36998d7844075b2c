"""Makes a function of the user's `static __always_inline`."""

from __future__ import annotations

import re

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan

_SPECIFIERS = re.compile(
    r"\b(?:static|inline|extern|__inline|__noinline|noinline|__attribute__\s*\(\(noinline\)\))\s+"
)


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The head of the function that the message names (`name` or `callee`)."""
    name = context.captures.get("callee") or context.captures.get("name") or getattr(facts, "name", None)
    name = name or _called_there(context)
    file = context.source.user_file
    c = context.source.c(file) if file else None
    function = c.function(name) if c is not None and isinstance(name, str) else None
    if file is None or c is None or function is None or function.section is not None:
        return ()
    word = "__always_inline" if "SEC(" in c.text else "inline"
    if not (function.static or function.inline or function.noinline) and function.macro is None:
        line, column = function.span.line, function.span.column
        return (Plan(file, line, line, column=column, end_column=column, text=f"static {word} "),)
    head = c.line(function.start)
    body = _SPECIFIERS.sub("", head)
    indent = head[: len(head) - len(head.lstrip())]
    return (Plan(file, function.start, function.start, lines=(f"{indent}static {word} {body.lstrip()}",)),)


def _called_there(context: Context) -> str | None:
    """The function that is called where the message says: BCC's message does not name it."""
    place = context.source.block_place(context.finding.block)
    c = context.source.c(place.file) if place is not None else None
    if place is None or c is None or place.column is None:
        return None
    here = [
        call
        for call in c.calls_on(place.line, place.column)
        if (call.span.line, call.span.column) == (place.line, place.column)
    ]
    return here[0].name if here else None
