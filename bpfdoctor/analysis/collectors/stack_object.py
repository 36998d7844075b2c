"""The dynptr, iterator or interrupt flag on the stack that a call gets, and what happened to it before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.subjects import ARGUMENTS, named
from bpfdoctor.machine.value import of_frame
from bpfdoctor.model.diagnosis import Fact, Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import FrameState, Op, Step
from bpfdoctor.trace.budget import Budget

_WRONG_KIND = ("of type", "acquired by", "unacquired reference")
_BEGINS = re.compile(r"reserve_dynptr|dynptr_from|dynptr_clone|iter_\w+_new|irq_save|spin_lock_irqsave")
_ENDS = re.compile(
    r"(submit|discard)_dynptr|iter_\w+_destroy|irq_restore|unlock_irqrestore|dynptr_file_discard"
)


class Outcome(Outcomes):
    MADE = "a call set the object up"
    ENDED = "a call gave it back"
    WRITTEN = "it was written over"
    UNTOUCHED = "nothing on the path touches it before"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackObject(Facts):
    """`register` points to fp`off`. `made` set the object up, `ended` gave it back, `written` wrote over it:
    whichever was the newest, the others are None. `callee` is the function called there.
    """

    register: str
    off: int | None
    made: Step | None
    ended: Step | None
    written: Step | None
    callee: str | None

    @property
    def by(self) -> str:
        return self.callee or "a call"

    def public(self) -> Mapping[str, Fact]:
        return {
            "off": self.off,
            "made": self.made,
            "ended": self.ended,
            "written": self.written,
            "callee": self.callee,
        }


FACTS = StackObject


def collect(context: Context) -> Found | NotShown:
    step = context.step
    register = _named(context) or _pointer(context)
    if step is None or register is None:
        return NotShown("the log does not show where on the stack the object is")
    state = context.register(register)
    off = earlier = None
    if state is not None and state.kind == "fp" and state.off is not None:
        off = state.off + (step.insn.off or 0 if step.insn.op is Op.STORE else 0)
        earlier = _earlier(context, step, of_frame(state, step.frame), off)
    callee = (earlier.insn.callee or "") if earlier else ""
    made = earlier if earlier and _BEGINS.search(callee) else None
    ended = earlier if earlier and _ENDS.search(callee) else None
    wrong_kind = any(words in context.finding.block.lines[0] for words in _WRONG_KIND)
    outcome = Outcome.UNTOUCHED
    if earlier is not None:
        outcome = Outcome.MADE if made else Outcome.ENDED if ended else Outcome.WRITTEN
    facts = StackObject(
        register=register,
        off=off,
        made=made,
        ended=ended,
        written=earlier if earlier and earlier.insn.op is Op.STORE else None,
        callee=callee or None,
        # What made it decides its kind, what ended it is missed after; else this call comes too early.
        cause=(made if wrong_kind else ended) or step,
        why=Loss.WRONG_VALUE if wrong_kind else Loss.RELEASED if earlier and not made else Loss.NEVER,
        registers=(register,),
    )
    return Found(outcome, facts)


def _named(context: Context) -> str | None:
    """The register of the message. 6.1 says "arg #1" of the same argument that 6.12 calls "arg #0"."""
    register = named(context)
    before = f"r{int(register[1:]) - 1}" if register else None
    here, there = context.register(register), context.register(before)
    is_before = here is not None and here.kind != "fp" and there is not None and there.kind == "fp"
    return before if is_before else register


def _pointer(context: Context) -> str | None:
    """For messages without a register: what is stored to, or the argument that points to the stack."""
    step = context.step
    if step is None or step.insn.op is not Op.CALL:
        return step.insn.dst if step is not None and step.insn.op is Op.STORE else None
    states = ((name, context.register(name)) for name in ARGUMENTS)
    return next((name for name, state in states if state is not None and state.kind == "fp"), None)


def _earlier(context: Context, refused: Step, frame: int, off: int) -> Step | None:
    """The newest step before the refused one that made, ended or overwrote the object at fp`off`."""
    for step in islice(context.trace.steps(), -refused.number, Budget.OBJECT):
        state = context.frame_before(step)
        if state is None:
            continue
        if step.insn.op is Op.CALL and (
            _BEGINS.search(step.insn.callee or "") or _ENDS.search(step.insn.callee or "")
        ):
            if any(_points_to(state, name, step.frame, frame, off) for name in ARGUMENTS):
                return step
        elif step.insn.op is Op.STORE and _stores_to(state, step, frame, off):
            return step
    return None


def _points_to(state: FrameState, name: str, running: int, frame: int, off: int) -> bool:
    reg = state.regs.get(name)
    return reg is not None and reg.kind == "fp" and reg.off == off and of_frame(reg, running) == frame


def _stores_to(state: FrameState, step: Step, frame: int, off: int) -> bool:
    reg = state.regs.get(step.insn.dst or "")
    if step.insn.dst == "r10":
        at, owner = step.insn.off or 0, step.frame
    elif reg is not None and reg.kind == "fp" and reg.off is not None:
        at, owner = reg.off + (step.insn.off or 0), of_frame(reg, step.frame)
    else:
        return False
    return owner == frame and at < off + 8 and off < at + (step.insn.size or 8)
