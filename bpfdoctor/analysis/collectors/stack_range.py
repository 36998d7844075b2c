"""Which number moves a pointer into the stack, or an access there, past the end of the buffer."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.bound_on_other_value import Limit
from bpfdoctor.analysis.lib.bound_outcome import OF_NUMBER, Outcome, of_limit
from bpfdoctor.analysis.lib.bounds_check import limit
from bpfdoctor.analysis.lib.element_count import CountsElements, element_count
from bpfdoctor.analysis.lib.pointer_sum import added
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.model.diagnosis import Fact, Loss, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Step
from bpfdoctor.trace.budget import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRange(CountsElements):
    """`added` is where the number `index_name` is added to the pointer in `register`; None: a fixed offset.

    `check` compared the number, or limited it; `lost` is where that stopped to count, `elsewhere` is a
    comparison in the source that is not on this path. `rounds` is how often a loop came by before;
    `buffer_name`, `counter_name`, `condition` and `bound` are how the source writes it, `head` is where the
    loop begins; `ends_shown` says that the source was there to be asked.
    """

    register: str
    index_name: str | None
    added: Step | None
    check: Step | None
    lost: Step | None
    elsewhere: Place | None
    rounds: int = 0
    head: Place | None = None
    buffer_name: str | None = None
    counter_name: str | None = None
    condition: str = ""
    bound: str = ""
    ends_shown: bool = False

    @property
    def index(self) -> str:
        return self.index_name or "a number known only at run time"

    @property
    def buffer(self) -> str:
        return self.buffer_name or "the buffer"

    @property
    def counter(self) -> str:
        return self.counter_name or "its counter"

    def public(self) -> Mapping[str, Fact]:
        return {
            "index": self.index_name,
            "added": self.added,
            "check": self.check,
            "lost": self.lost,
            "elsewhere": self.elsewhere,
            **self.counted(),
            "rounds": self.rounds,
            "head": self.head,
            "buffer": self.buffer_name,
            "counter": self.counter_name,
            "condition": self.condition or None,
            "bound": self.bound or None,
        }


FACTS = StackRange
OUTCOMES = tuple(each for each in Outcome if each not in (*OF_NUMBER, Outcome.SUM_COMPARED))


def collect(context: Context) -> Found | NotShown:
    step = context.step
    register = named(context) or (step.insn.base if step else None)
    if step is None or register is None:
        return NotShown("the log does not show which pointer into the stack is meant")
    at, number = added(context, step, register) or (None, None)
    known = limit(context, at, number) if at is not None and number is not None else Limit(why=Loss.TOO_SMALL)
    looped = _loop(context, step)
    facts = StackRange(
        register=register,
        index_name=context.called(number, at) if at is not None else None,
        added=at,
        check=known.check,
        lost=known.apart,
        elsewhere=known.elsewhere,
        cause=known.cause or step,
        why=known.why,
        layer=known.layer,
        layer_shown=known.shown,
        registers=(register,),
        elements=element_count(context, at, number, known, None) if at and number else None,
        **looped,
    )
    return Found(_outcome(facts, known), facts)


def _outcome(facts: StackRange, known: Limit) -> Outcome:
    if facts.rounds:
        if facts.bound:
            return Outcome.LOOP_BOUND_TOO_LARGE
        if facts.condition:
            return Outcome.LOOP_CONDITION_OPEN
        return Outcome.LOOP_ENDLESS if facts.ends_shown else Outcome.LOOP_TOO_LONG
    return of_limit(known, facts.elements) if facts.added is not None else Outcome.TOO_LARGE


def _loop(context: Context, step: Step) -> dict[str, Any]:
    """The fields about the loop that ran past the end: the same instruction was walked before."""
    steps = islice(context.trace.steps(), 1, Budget.PATH)
    rounds = sum(each.insn.index == step.insn.index and each.frame == step.frame for each in steps)
    place = context.source.place(step)
    c = context.source.c(place.file) if place is not None and rounds else None
    if c is None or place is None:
        return {"rounds": rounds}
    from bpfdoctor.source.loop_end import loop_end

    found = loop_end(c, place.line)
    if found is None:
        return {"rounds": rounds}
    span, exact = found.loop.head, found.access.span
    end = min(span.end_column, len(c.line(span.line).rstrip()) + 1) if span.line == span.end_line else None
    apart = span.line != place.line
    return {
        "rounds": rounds,
        "head": Place(place.file, span.line, span.column, end, place.function) if apart else None,
        "refused_at": Place(place.file, exact.line, exact.column, exact.end_column, place.function)
        if place.column is None and exact.line == exact.end_line
        else None,
        "buffer_name": found.buffer,
        "counter_name": found.counter,
        "condition": "" if found.loop.condition in ("", "1", "true") else found.loop.condition,
        "bound": found.bound or "",
        "ends_shown": True,
    }
