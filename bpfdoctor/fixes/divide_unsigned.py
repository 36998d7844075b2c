"""Divides unsigned numbers where the instruction set has no signed division."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts

_NAME = re.compile(r"[A-Za-z_]\w*")
_SIMPLE = re.compile(r"\w+(?:(?:->|\.)\w+)*")
_POSITIVE = re.compile(r"[1-9]\d*|0x[1-9a-fA-F]\w*")
_WIDE = re.compile(r"64|long|size_t")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """By a constant, with the sign as it was; else the number taken as an unsigned one."""
    at = site(context, context.source.block_place(context.finding.block))
    if at is not None:
        yield from divided(at)


def divided(at: Site) -> Iterator[tuple[Plan, ...]]:
    """The same for the operator at a place."""
    column = at.column or 1
    found = at.c.expression_at(at.line, column)
    if found is None or found.span.line != found.span.end_line:
        return
    span, line = found.span, at.c.line(at.line)
    left, right = line[span.column - 1 : column - 1].strip(), line[column : span.end_column - 1]
    operator, assigns = line[column - 1], right.startswith("=")
    right = right.removeprefix("=").strip()
    if operator not in "/%" or not left or not right:
        return
    types = [
        each.type
        for name in _NAME.findall(left + " " + right)
        if (each := at.c.declaration_of(name, at.line))
    ]
    signed = "long" if any(map(_WIDE.search, types)) else "int"
    before = f"{left} = " if assigns else ""
    macro = at.c.macros.get(right)
    if _SIMPLE.fullmatch(left) and _POSITIVE.fullmatch(macro.value if macro is not None else right):
        of = f"(unsigned {signed}){left} {operator} {right}"
        kept = f"{left} < 0 ? -({signed})(-{of}) : ({signed})({of})"
        yield (
            at.replacement(at.line, span.column, span.end_column, before + (kept if before else f"({kept})")),
        )
    whole = left if _SIMPLE.fullmatch(left) or left.startswith("(") else f"({left})"
    text = f"{before}(unsigned {signed}){whole} {operator} {right}"
    yield (at.replacement(at.line, span.column, span.end_column, text),)
