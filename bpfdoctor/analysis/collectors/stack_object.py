"""The dynptr, iterator or interrupt flag on the stack that a call gets, and what happened to it before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.subjects import ARGUMENTS, named
from bpfdoctor.kernel import calls
from bpfdoctor.machine.endings import DYNPTR_SIZE
from bpfdoctor.machine.helper_memory import filled
from bpfdoctor.machine.memory import stack_place
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

_Place = tuple[int, int]  # (frame, offset)


class Outcome(Outcomes):
    MADE = "a call set the object up"
    ENDED = "a call gave it back"
    WRITTEN = "it was set up, and written over"
    UNTOUCHED = "nothing on the path sets it up"
    GIVEN = "it is not on the program's stack, or the log does not show where"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackObject(Facts):
    """`register` points to the object at fp`off`, or to a buffer that reaches it. `made` set the object up,
    `ended` gave it back, `written` was the first to write over it: whichever holds now, the others are None.
    `callee` is the function called there.
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
    off, outcome, earlier = None, Outcome.GIVEN, None
    if state is not None and state.kind == "fp" and state.off is not None:
        off = state.off + (step.insn.off or 0 if step.insn.op is Op.STORE else 0)
        off = context.captures.get("number", off) if _is_reached(context) else off
        outcome, earlier = _earlier(context, step, of_frame(state, step.frame), off)
    wrong_kind = any(words in context.finding.block.lines[0] for words in _WRONG_KIND)
    is_over = outcome in (Outcome.ENDED, Outcome.WRITTEN)
    facts = StackObject(
        register=register,
        off=off,
        made=earlier if outcome is Outcome.MADE else None,
        ended=earlier if outcome is Outcome.ENDED else None,
        written=earlier if outcome is Outcome.WRITTEN else None,
        callee=earlier.insn.callee if earlier else None,
        # What made it decides its kind, what ended it is missed after; else this call comes too early.
        cause=(earlier if is_over or wrong_kind else None) or step,
        why=Loss.RELEASED if is_over else Loss.WRONG_VALUE if wrong_kind else Loss.NEVER,
        registers=(register,),
    )
    return Found(outcome, facts)


def _is_reached(context: Context) -> bool:
    """Whether the message is about a buffer that begins before the object, whose place it says."""
    return "potential write" in context.finding.block.lines[0]


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
    found = [(state.off or 0, name) for name, state in states if state is not None and state.kind == "fp"]
    if _is_reached(context):  # the nearest buffer that begins at the object or before it
        at = context.captures.get("number", 0)
        found = sorted(each for each in found if each[0] <= at)[-1:]
    return found[0][1] if found else None


def _earlier(context: Context, refused: Step, frame: int, off: int) -> tuple[Outcome, Step | None]:
    """What became of the object at fp`off` before the refused step, and the step that decided it.

    A dynptr ends with the one that it is a clone of, and with every other clone of that.
    """
    size = DYNPTR_SIZE if "dynptr" in context.finding.block.lines[0] else 8
    written: Step | None = None
    made: Step | None = None
    kin = {(frame, off)}  # the object, or what it and its clones are made of
    ended: dict[_Place | None, Step] = {}  # by newer steps: its clones, or what it is a clone of, maybe
    for step in islice(context.trace.steps(), -refused.number, Budget.OBJECT):
        state = context.frame_before(step)
        if state is None:
            continue
        callee = step.insn.callee or ""
        if step.insn.op is not Op.CALL or not (_BEGINS.search(callee) or _ENDS.search(callee)):
            if made is None and _writes_to(state, step, frame, off, size):
                written = step
            continue
        places = [_place(state, name, step.frame) for name in ARGUMENTS]
        if _ENDS.search(callee):
            if kin & set(places):
                return Outcome.ENDED, step
            ended |= {place: step for place in places if place}
        elif callee == calls.CLONES:
            origin, clone = places[:2]
            other = ended.get(clone) if origin in kin else ended.get(origin) if clone in kin else None
            if other is not None:
                return Outcome.ENDED, other
            if clone in kin and origin is not None:
                kin = kin - {clone} | {origin}
                made = made or step
            ended.pop(clone, None)  # what was there before is another
        elif kin & set(places):
            made = made or step
            break
        else:
            ended = {place: by for place, by in ended.items() if place not in places}
    if made is None:
        return Outcome.UNTOUCHED, None
    return (Outcome.MADE, made) if written is None else (Outcome.WRITTEN, written)


def _place(state: FrameState, name: str, running: int) -> _Place | None:
    """Where on a stack a register points to."""
    reg = state.regs.get(name)
    return None if reg is None or reg.kind != "fp" or reg.off is None else (of_frame(reg, running), reg.off)


def _writes_to(state: FrameState, step: Step, frame: int, off: int, size: int) -> bool:
    """Whether the step stores to, or fills, some of the object's bytes."""
    if step.insn.op is Op.CALL:
        known = filled(step.insn.callee or "", state.regs)
        reg = state.regs.get(known[0]) if known is not None else None
        if known is None or reg is None or reg.kind != "fp" or reg.off is None:
            return False
        place, length = (of_frame(reg, step.frame), reg.off), known[1] or 1
    elif step.insn.op in (Op.STORE, Op.ATOMIC):
        stored = stack_place(step.insn, step.insn.dst, state.regs, step.frame)
        if stored is None:
            return False
        place, length = stored, step.insn.size or 8
    else:
        return False
    return place[0] == frame and place[1] < off + size and off < place[1] + length
