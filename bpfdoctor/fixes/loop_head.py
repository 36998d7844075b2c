"""Puts a test into the condition of a loop: one before the loop would be made only once."""

from __future__ import annotations

import re

from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.source.cvalues import Condition


def condition_around(at: Site, line: int, column: int) -> Condition | None:
    """The condition of a loop with that place in it, where it is on one line."""
    return next(
        (
            each
            for each in at.c.conditions_before(at.line)
            if each.kind in ("while", "for", "do")
            and each.span.line == each.span.end_line == line
            and each.span.column <= column < each.span.end_column
        ),
        None,
    )


def joined(at: Site, head: Condition, test: str) -> tuple[Plan, ...]:
    """`while (a[i])` becomes `while (i < 16 && a[i])`."""
    line, span = at.c.line(head.span.line), head.span
    parenthesised = line[span.column - 1 : span.end_column - 1].startswith("(") and head.kind != "for"
    rest = f"({head.text})" if re.search(r"\|\||\?|=(?!=)", re.sub(r"[=!<>]=", "", head.text)) else head.text
    text = f"{test} && {rest}"
    return (at.replacement(span.line, span.column, span.end_column, f"({text})" if parenthesised else text),)
