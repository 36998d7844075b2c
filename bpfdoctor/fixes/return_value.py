"""Puts what a function returns into the range that its kernel knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts

_NUMBER = re.compile(r"-?\s*\d+")
_EITHER = re.compile(r"(?<=[?:])\s*(-?\d{1,20})(?=\s*(?::|$))")  # the numbers of `failed ? 2 : 0`
_ERRORS = -4095  # the lowest that stands for an error


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Every change has its own text: all returns of the function whose numbers are out of range."""
    at, low, high = site(context), context.captures.get("low"), context.captures.get("high")
    if at is None or not isinstance(low, int) or not isinstance(high, int):
        return ()
    return tuple(_mended(at, low, high))


def _mended(at: Site, low: int, high: int) -> Iterator[Plan]:
    for each in at.c.returns(at.function):
        span = each.span
        text = at.c.line(span.line)[span.column - 1 : span.end_column - 1]
        if span.line != span.end_line or text.count(each.value) != 1:
            continue
        new = _value(each.value, low, high, at.function.section is None, span.line == at.line)
        if new != each.value:
            yield at.replacement(span.line, span.column, span.end_column, text.replace(each.value, new))


def _value(value: str, low: int, high: int, is_callback: bool, is_refused: bool) -> str:
    bare = value.strip("() ")
    if _NUMBER.fullmatch(bare):
        stops = is_callback and (low, high) == (0, 1) and bare.startswith("-")
        return "1" if stops else _nearest(value, bare, low, high)
    if _EITHER.search(value):
        return _EITHER.sub(
            lambda found: found[0].replace(found[1], _nearest(found[1], found[1], low, high)), value
        )
    if (low, high) == (0, 1) and is_refused:
        return f"!!({value})" if not bare.isidentifier() else f"!!{bare}"
    return value


def _nearest(value: str, number: str, low: int, high: int) -> str:
    """What comes nearest: 0 for -1; where errors are negative, -1 for 1."""
    given = int(number.replace(" ", ""))
    if low <= given <= high:
        return value
    if low == _ERRORS and 0 < given <= -low:
        return str(-given)
    return str(max(low, min(high, given)))
