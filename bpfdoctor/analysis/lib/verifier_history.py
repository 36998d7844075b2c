"""Whether newer verifiers see that the program is right where this one refused it, and by which skills."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.analysis.lib.walk_again import Astray, Replay
from bpfdoctor.kernel.limits import STACK
from bpfdoctor.machine.capabilities_since import Skill
from bpfdoctor.machine.number import Impossible
from bpfdoctor.model.trace import Op, RegState, Step


def seen(context: Context, skills: Collection[Skill]) -> Mapping[Skill, Step]:
    """The fewest of these skills that show the refused step to be right, and where each of them is needed.

    The step is right when what it touches lies inside its object, when its pointer can't be NULL, or when the
    path to it can never be taken. Empty where that can't be shown, and where no skill is needed for it: then
    this verifier knows as much, and refused the step for another reason.
    """
    if context.step is None or not (replay := _proof(context, frozenset(skills))):
        return {}
    needed = frozenset(replay.used)
    for skill in sorted(needed):
        if _proof(context, needed - {skill}):
            needed -= {skill}
    replay = _proof(context, needed)
    return {skill: replay.used[skill] for skill in sorted(needed)} if replay else {}


def _proof(context: Context, able: frozenset[Skill]) -> Replay | None:
    """The walk that shows it."""
    replay = Replay(context, able)
    try:
        replay.run()
        return replay if context.step is not None and _fits(context, replay, context.step) else None
    except Impossible:
        return replay
    except Astray:
        return None


def _fits(context: Context, replay: Replay, step: Step) -> bool:
    insn = step.insn
    if insn.op in (Op.LOAD, Op.STORE, Op.ATOMIC):
        return insn.base is not None and _access(context, replay, step, insn.base, insn.size or 8)
    if insn.op is Op.CALL:
        return _argument(context, replay, step)
    if insn.op is Op.ALU and insn.operator == "+=" and insn.dst and insn.src:
        return _sum(context, replay, step, insn.dst, insn.src)
    return False


def _access(context: Context, replay: Replay, step: Step, register: str, size: int) -> bool:
    """Whether an access of `size` bytes lies inside what the register points to."""
    state = context.register(register)
    if state is None or (state.nullable and not replay.never_null(step, register)):
        return False
    if state.nullable and state.range.var_off is None and state.value_size is None:
        return False
    start = replay.number(step, register).whole
    off = (step.insn.off or 0) if step.insn.op is not Op.CALL else 0
    first, behind = _object(state)
    return behind is not None and first <= start.smin + off and start.smax + off + size <= behind


def _object(state: RegState) -> tuple[int, int | None]:
    """First byte of an object, and the one after its last."""
    if state.kind == "fp":
        return -STACK, 0
    return 0, state.value_size if state.kind == "map_value" else state.mem_size


def _argument(context: Context, replay: Replay, step: Step) -> bool:
    """Whether a call's memory is as long as the number after it says."""
    register = named(context)
    frame = context.frame_before(step)
    if register is None or frame is None:
        return False
    number = int(register[1:])
    pair = (number, number + 1) if _points(frame.regs.get(register)) else (number - 1, number)
    memory, length = (f"r{each}" for each in pair)
    count = frame.regs.get(length)
    if not _points(frame.regs.get(memory)) or count is None or count.kind != "scalar":
        return False
    size = replay.number(step, length).whole
    return size.smin > 0 and _access(context, replay, step, memory, size.smax)


def _points(state: RegState | None) -> bool:
    return state is not None and state.kind in ("map_value", "mem", "fp", "buf")


def _sum(context: Context, replay: Replay, step: Step, left: str, right: str) -> bool:
    """Whether a number is added to a pointer that stays inside its object; the access comes later."""
    pointer, number = (left, right) if _points(context.register(left)) else (right, left)
    state = context.register(pointer)
    if state is None or not _points(state) or state.nullable:
        return False
    start, more = replay.number(step, pointer).whole, replay.number(step, number).whole
    first, behind = _object(state)
    return behind is not None and first <= start.smin + more.smin and start.smax + more.smax < behind
