"""Makes a function of the user's `static __always_inline`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Facts

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Function

_SPECIFIERS = re.compile(
    r"\b(?:static|inline|extern|__inline|__noinline|noinline|__attribute__\s*\(\(noinline\)\))\s+"
)


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The head of the function that the message names (`name` or `callee`)."""
    name = context.captures.get("callee") or context.captures.get("name") or _called_there(context)
    file = context.source.user_file
    c = context.source.c(file) if file else None
    function = c.function(name) if c is not None and isinstance(name, str) else None
    if file is None or c is None or function is None or function.section is not None:
        return ()
    word = "__always_inline" if "SEC(" in c.text else "inline"
    if not (function.static or function.inline or function.noinline) and function.macro is None:
        line, column = function.span.line, function.span.column
        places = (*_declared(c, function), (line, column))
        return tuple(
            Plan(file, line, line, column=at, end_column=at, text=f"static {word} ") for line, at in places
        )
    head = c.line(function.start)
    body = _SPECIFIERS.sub("", head)
    indent = head[: len(head) - len(head.lstrip())]
    return (Plan(file, function.start, function.start, lines=(f"{indent}static {word} {body.lstrip()}",)),)


def _declared(c: CFile, function: Function) -> Iterator[tuple[int, int]]:
    """(line, column) of the declarations before the definition: C wants them static, too."""
    told = re.compile(
        rf"^(?![ \t]*(?:static|return|#))([ \t]*)[\w \t*]+\b{re.escape(function.name)}\s*\([^;{{}}]*\)\s*;"
    )
    for number in range(1, function.start):
        if c.function_at(number) is None and (found := told.match(c.line(number))):
            yield number, len(found[1]) + 1


def _called_there(context: Context) -> str | None:
    """The function that is called where the message says (BCC's does not name it), or at the refused step."""
    place = context.source.block_place(context.finding.block)
    if place is None and context.step is not None:
        place = context.source.place(context.step)
    c = context.source.c(place.file) if place is not None else None
    if place is None or c is None or place.column is None:
        return None
    here = [
        call
        for call in c.calls_on(place.line, place.column)
        if (call.span.line, call.span.column) == (place.line, place.column)
    ]
    name = here[0].name if here else None
    if (macro := c.macros.get(name or "")) is None:
        return name
    used = {each.name for each in c.functions if re.search(rf"\b{re.escape(each.name)}\s*\(", macro.value)}
    return used.pop() if len(used) == 1 else None
