"""The chain of steps that led to a refusal, in order, without those that don't matter."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.explain import place_of
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.model.diagnosis import Label
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.ranges import step_in_words
from bpfdoctor.trace.slice import How, Origin, Role, origin

_ARGUMENTS = ("r1", "r2", "r3", "r4", "r5")
_SILENT = frozenset({How.UNSET, How.UNKNOWN, How.ENTRY})  # nothing happens in the step itself
_MOST = 60  # steps; a longer chain explains nothing


def flow_of(context: Context, facts: Facts | None) -> tuple[Label, ...]:
    """The facts' own chain, else the backward slice of the registers that the finding is about, oldest first.

    The last step is always the refused one.
    """
    if context.step is None:
        return ()
    told = {step.number: (step, text) for step, text in facts.flow} if facts else {}
    if not told:
        for register in _subjects(context, context.step, facts):
            for found in origin(context.trace, context.step, register):
                if found.how not in _SILENT:
                    told.setdefault(found.step.number, (found.step, _words(found)))
    ordered = [told[number] for number in sorted(told)][-_MOST:]
    refused = (context.step, step_in_words(context.step))
    steps = [(step, text) for step, text in ordered if step.number != context.step.number]
    return tuple(
        Label("step", text, step.insn.index, place_of(context, step)) for step, text in (*steps, refused)
    )


def _subjects(context: Context, step: Step, facts: Facts | None) -> Iterator[str]:
    """The registers that the finding is about; where nothing says which, those the instruction reads."""
    named = context.captures.get("reg")
    if facts is not None and facts.registers:
        yield from facts.registers
    elif isinstance(named, str) and named[:1] == "r" and named[1:].isdigit():
        yield named
    elif step.insn.op is not Op.CALL:
        yield from (register for register in (step.insn.src, step.insn.dst) if register)
    else:
        frame = context.frame_before(step)
        yield from (register for register in _ARGUMENTS if frame and register in frame.regs)


def _words(found: Origin) -> str:
    text = step_in_words(found.step)
    return f"{text} (checked)" if found.how is How.REFINED and found.role is Role.VALUE else text
