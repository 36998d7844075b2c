"""Gives a loop over a buffer a condition that stops at the buffer's end."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Condition
from bpfdoctor.source.loop_end import LoopEnd, loop_end

_JOINED = re.compile(r"\|\||\?|(?<![=!<>])=(?!=)|,")
_ALWAYS = ("1", "true")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Every change has its own text. () for a loop over a pointer: the compiler compares pointers instead."""
    at = site(context)
    found = loop_end(at.c, at.line) if at is not None else None
    if at is None or found is None or found.size is None or found.is_pointer:
        return ()
    return _condition(at, found, f"{found.counter} < {_operand(found.size)}")


def _operand(size: str) -> str:
    return size if re.fullmatch(r"\w+|sizeof\([^()]*\)", size) or "/" in size else f"({size})"


def _condition(at: Site, found: LoopEnd, test: str) -> tuple[Plan, ...]:
    loop = found.loop
    heads = [
        each
        for each in at.c.conditions_before(loop.span.end_line)
        if each.kind == loop.kind and each.text == loop.condition and _inside(each, found)
    ]
    if heads:
        span, text = heads[-1].span, heads[-1].text
        if span.line != span.end_line:
            return ()
        kept = _without_bound(text, found)
        joined = (
            test if kept in ("", *_ALWAYS) else f"{test} && {f'({kept})' if _JOINED.search(kept) else kept}"
        )
        old = at.c.line(span.line)[span.column - 1 : span.end_column - 1]
        new = f"({joined})" if old.startswith("(") and loop.kind != "for" else joined
        return (at.replacement(span.line, span.column, span.end_column, new),)
    head = at.c.line(loop.head.line)
    semicolon = head.find(";", loop.head.column)
    if loop.kind != "for" or loop.condition or semicolon < 0:
        return ()
    return (at.replacement(loop.head.line, semicolon + 2, semicolon + 2, f" {test}"),)


def _inside(condition: Condition, found: LoopEnd) -> bool:
    span, loop = condition.span, found.loop.span
    return (loop.line, loop.column) <= (span.line, span.column) and span.end_line <= loop.end_line


def _without_bound(text: str, found: LoopEnd) -> str:
    """The condition without a comparison that is a worse bound: `i <= 64`. One with a variable stays."""
    if found.bound is None or not re.fullmatch(r"[A-Z_0-9]+|sizeof\s*\(.*\)|\d+", found.bound):
        return text
    worse = rf"{re.escape(found.counter)}\s*<=?\s*{re.escape(found.bound)}\s*(?:&&\s*)?"
    return re.sub(worse, "", text, count=1).strip()
