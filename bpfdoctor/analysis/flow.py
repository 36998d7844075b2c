"""The chain of steps that led to a refusal, in order, without those that don't matter.

Three things matter, the same as in Linux 7.3's own "Causal path" (kernel/bpf/diagnostics.c): what made the
values that the message is about, the regions entered and left when it is about a region, the references
acquired and released when it is about one; and every branch taken since the oldest of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.explain import place_of
from bpfdoctor.analysis.lib.subjects import named, subjects
from bpfdoctor.model.diagnosis import Facts, Label
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.ranges import step_in_words
from bpfdoctor.trace.slice import AddressOrigin, How, Origin, Role, slice_of

_SILENT = frozenset({How.UNSET, How.UNKNOWN, How.ENTRY})  # nothing happens in the step itself
# A longer chain explains nothing: the oldest and the newest half of so many are shown, as the kernel does.
_MOST = 64

_Told = dict[int, tuple[Step, str]]  # by Step.number


def flow_of(context: Context, facts: Facts | None) -> tuple[Label, ...]:
    """The steps that matter, oldest first; the last one is always the refused instruction."""
    step = context.step
    if step is None:
        return ()
    told: _Told = {}
    about_regions = _is_about_regions(context)
    registers = () if about_regions and named(context) is None else subjects(context, facts)
    starts = [number for register in registers for number in _value(context, register, told)]
    starts += _regions(context, told) if about_regions else []
    starts += _references(context, facts, told)
    for each in _branches(context, min(starts, default=None)):
        told.setdefault(each.number, (each, step_in_words(each)))
    told.pop(step.number, None)
    ordered = [told[number] for number in sorted(told)]
    if len(ordered) > _MOST:
        ordered = ordered[: _MOST // 2] + ordered[-_MOST // 2 :]
    return tuple(
        Label("step", text, each.insn.index, place_of(context, each), step=each.number)
        for each, text in (*ordered, (step, step_in_words(step)))
    )


def _value(context: Context, register: str, told: _Told) -> Iterator[int]:
    """Notes what made the register's value; yields the number of the oldest step of the value itself."""
    at, oldest = context.step, None
    while at is not None:
        clobbered = None
        for found in slice_of(context.trace, at, register).steps:
            if found.how in _SILENT:
                continue
            told.setdefault(found.step.number, (found.step, _words(found)))
            if _is_value(found) and found.how is not How.REFINED:
                oldest = found.step.number
                if found.how is How.CLOBBERED and found.place == register:
                    clobbered = found.step
        at = clobbered  # what was there before the call took it away
    if oldest is not None:
        yield oldest


def _is_value(found: Origin | AddressOrigin) -> bool:
    return isinstance(found, Origin) and found.role is Role.VALUE


def _words(found: Origin | AddressOrigin) -> str:
    text = step_in_words(found.step)
    return f"{text} (checked)" if found.how is How.REFINED and _is_value(found) else text


def _is_about_regions(context: Context) -> bool:
    words = " ".join(context.finding.block.lines).lower()
    return any(word in words for word in ("lock", "rcu", "preempt", "irq", "non-sleepable"))


def _regions(context: Context, told: _Told) -> list[int]:
    """Notes what entered and left regions; yields the outermost entries that are still open."""
    from bpfdoctor.analysis.lib.critical_sections import crossings, still_open

    found = crossings(context)
    for each in found:
        told[each.step.number] = (each.step, f"{step_in_words(each.step)}: {each.words}")
    return [each.step.number for each in still_open(found).values()]


def _references(context: Context, facts: Facts | None, told: _Told) -> list[int]:
    """Notes where the reference that the message names was acquired."""
    acquired = facts.acquired if facts is not None else None
    if acquired is None:
        alloc = context.captures.get("alloc")
        steps = islice(context.trace.steps(), Budget.PATH) if isinstance(alloc, int) else ()
        acquired = next((step for step in steps if step.insn.index == alloc), None)
    if acquired is None:
        return []
    told[acquired.number] = (acquired, step_in_words(acquired))
    return [acquired.number]


def _branches(context: Context, oldest: int | None) -> Iterator[Step]:
    """Every branch whose way is known, back to the step numbered `oldest` (None: to the beginning)."""
    for step in islice(context.trace.steps(), 1, Budget.PATH):
        if oldest is not None and step.number < oldest:
            return
        if step.taken is not None and step.insn.op in (Op.BRANCH, Op.GOTO) and not step.speculative:
            yield step
