"""A check that the source has and the refused path goes around."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.source.conditions import compares_sizes
from bpfdoctor.source.cvalues import AccessKind
from bpfdoctor.trace.budget import Budget


def number_elsewhere(context: Context, at: Step, register: str) -> Place | None:
    """Where the index or the length used at `at` is compared, when this path does not do it."""
    text = _number(context, at, register)
    return check_elsewhere(context, at, text, compares_sizes) if text is not None else None


def check_elsewhere(
    context: Context, at: Step, text: str, is_check: Callable[[str], bool], leaves: bool = False
) -> Place | None:
    """A condition before the step's line about the value written as `text`, not tested on this path.

    None also when the path tests another condition about it: then the source is no help. `leaves`: the
    check is one only when the program leaves after it.
    """
    place = context.source.place(at)
    c = context.source.c(place.file) if place else None
    if place is None or c is None:
        return None
    value = re.compile(rf"(?<![\w.>]){re.escape(text)}(?!\w|\s*(?:->|[.(\[]))")
    conditions = [
        each
        for each in c.conditions_before(place.line)
        if value.search(each.text)
        and is_check(each.text)
        and not each.span.holds(place.line)
        and (each.exits or not leaves)
    ]
    if not conditions:
        return None
    walked = set(_lines_walked(context, place.file))
    if any(each.span.holds(line) for each in conditions for line in walked):
        return None
    span = conditions[-1].span
    end = span.end_column if span.end_line == span.line else None
    return Place(place.file, span.line, span.column, end, place.function, c.line(span.line).strip())


def _lines_walked(context: Context, file: str) -> list[int]:
    """The lines of the branches on the path."""
    branches = (
        step for step in islice(context.trace.steps(), Budget.COMPARISONS) if step.insn.op is Op.BRANCH
    )
    places = (context.source.place(step) for step in branches)
    return [place.line for place in places if place is not None and place.file == file]


def _number(context: Context, step: Step, register: str) -> str | None:
    """The index or the argument as written, where the line leaves no choice."""
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    if place is None or c is None:
        return None
    if step.insn.op is Op.CALL:
        calls = [call for call in c.calls_on(place.line, place.column) if call.name == step.insn.callee]
        at = int(register[1:]) - 1
        texts = {call.args[at].text for call in calls if at < len(call.args)}
    else:
        texts = {
            each.member for each in c.accesses_on(place.line, place.column) if each.kind is AccessKind.INDEX
        }
    return texts.pop() if len(texts) == 1 else None
