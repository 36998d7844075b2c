"""Tests what a function of the program returned where that may be NULL: the packet was too short for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Assignment

_CALLED = re.compile(r"(?:\([^()]*\)\s*)?(\w+)\s*\(")
_NOTHING = re.compile(r"(?:\(\s*(?:\w+\s+)*\w+\s*\*\s*\)\s*)?\(?(?:0|NULL)\)?")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `pointer`, `leave`. () where the function tests it somewhere."""
    at = site(context)
    if at is None:
        return ()
    names = at.c.names_on(at.line)
    for made in reversed(at.c.assignments(None, at.function.start, at.line)):
        if made.target not in names or not made.target.isidentifier() or not _may_be_nothing(at, made):
            continue
        tests = _tests(at, made.target)
        maker = at.c.statement_around(made.span.line, made.span.column)
        if any(line >= made.span.line for line in tests) or maker is None or not maker.braced:
            continue
        if not maker.in_head and maker.kind in ("declaration", "expression_statement"):
            values = {"pointer": made.target, "leave": way_out.of_null(at, maker.span.line)}
            return at.behind(maker, values)
    return ()


def _tests(at: Site, name: str) -> Iterator[int]:
    """The lines where a condition asks whether the pointer is nothing."""
    asked = re.compile(rf"!\s*{name}\b|(?<![\w.>]){name}\b(?!\s*(?:->|\[|\+|\.))")
    conditions = at.c.conditions_before(at.function.end, name)
    return (each.span.line for each in conditions if asked.search(each.text))


def _may_be_nothing(at: Site, made: Assignment) -> bool:
    """Whether it is what a function of this file returned that has a `return NULL;`."""
    called = _CALLED.match(made.value)
    function = at.c.function(called[1]) if called is not None else None
    if function is None or not function.returns.rstrip().endswith("*"):
        return False
    return any(_NOTHING.fullmatch(each.value) for each in at.c.returns(function))
