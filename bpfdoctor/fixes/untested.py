"""A NULL test for what a refused call gets, where its message does not speak of NULL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.fixes import engine, way_out
from bpfdoctor.fixes.plan import Site
from bpfdoctor.model.diagnosis import Edit, Fix, Place, Safety
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Assignment, Function, Statement


def null_tests(place: Place, c: CFile, function: Function) -> Iterator[Fix]:
    """For each pointer that the refused call gets, and that is the untested result of another call."""
    at = Site(place.file, place.line, place.column, c, function)
    accessed = [each.root for each in c.accesses_on(place.line, place.column)]
    passed = [each.text for call in c.calls_on(place.line, place.column) for each in call.args]
    for name in dict.fromkeys([*passed, *accessed]):
        made = [each for each in c.assignments(name, function.start, place.line) if each.operator == "="]
        may_be_null = made and ("(" in made[-1].value or _is_member(c, made[-1], place.line))
        if not may_be_null or c.conditions_before(place.line, name):
            continue
        maker = c.statement_around(made[-1].span.line, made[-1].span.column)
        if maker is None or not maker.braced or maker.span.end_line >= place.line:
            continue
        code = f"if (!{name})\n    {way_out.of_null(at, maker.span.end_line + 1)}"
        changes = _behind(at, maker, code)
        if changes:
            why = "What the call before gives may be NULL, and nothing has tested it."
            yield Fix("Leave where it is NULL", why, Safety.SAFE, changes)


def _is_member(c: CFile, made: Assignment, line: int) -> bool:
    """Whether a pointer is read out of a structure: `sk = skb->sk`."""
    declared = c.declaration_of(made.target, line)
    return declared is not None and declared.pointer and re.fullmatch(r"\w+->\w+", made.value) is not None


def _behind(at: Site, statement: Statement, code: str) -> tuple[Edit, ...]:
    plans = at.behind(statement, {})
    return tuple(engine.edits(plans, lambda plan: code, lambda file: "\n".join(at.c.lines)))
