"""Counts the rounds of a loop that nothing ends as far as the verifier sees, and stops it at a limit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.complexity import Complexity
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts, Place
from bpfdoctor.source.cvalues import Condition, Loop

_LIMITS = (256, 64, 16)  # the verifier walks every round: the largest that it gets through
_CONSTANT = re.compile(r"<=?\s*(?:\d+|0x[0-9a-fA-F]+|[A-Z][A-Z0-9_]*|\(?sizeof\b.*)(?!\s*[.(\w])")
_JOINED = re.compile(r"\|\||\?|(?<![=!<>])=(?!=)|,")
_FOREVER = ("", "1", "true")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Every change has its own text. () where each loop around the place has a constant limit already."""
    at = _site(context, facts)
    if at is None:
        return
    for loop in at.c.loops_around(at.line):
        if loop.kind not in ("while", "for") or _CONSTANT.search(loop.condition):
            continue
        for limit in _LIMITS:
            yield _counted(at, loop, limit)
        return


def _site(context: Context, facts: Facts | None) -> Site | None:
    """The place in the loop: its head where that is known."""
    head = facts.head if isinstance(facts, Complexity) else None
    place = head if isinstance(head, Place) or head is None else context.source.place(head)
    return (site(context, place) if place is not None else None) or site(context)


def _counted(at: Site, loop: Loop, limit: int) -> tuple[Plan, ...]:
    head = _condition(at, loop)
    if loop.kind == "while":
        end = head.span.end_column if head is not None and head.span.line == head.span.end_line else 0
        if head is None or not end or head.span.line != loop.span.line:
            return ()
        name = at.fresh_name("round")
        kept = "" if head.text in _FOREVER else f" && {_operand(head.text)}"
        text = f"for (int {name} = 0; {name} < {limit}{kept}; {name}++)"
        return (at.replacement(loop.span.line, loop.span.column, end, text),)
    if head is None or head.span.line != head.span.end_line:
        return ()
    line, span = at.c.line(head.span.line), head.span
    counted = re.search(rf"\b(\w+) = 0;\s*{re.escape(head.text)}\s*;\s*(?:\+\+\1|\1\+\+)\s*\)", line)
    if counted is None:
        return ()
    text = f"{_operand(head.text)} && {counted[1]} < {limit}"
    return (at.replacement(span.line, span.column, span.end_column, text),)


def _condition(at: Site, loop: Loop) -> Condition | None:
    """The loop's own condition: the first one in it."""
    inside = (
        each
        for each in at.c.conditions_before(loop.span.end_line)
        if each.kind == loop.kind and each.text == loop.condition and each.span.line >= loop.span.line
    )
    return next(inside, None)


def _operand(text: str) -> str:
    return f"({text})" if _JOINED.search(text) else text
