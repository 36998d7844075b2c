"""Which call made a pointer that may be NULL, and whether any copy of it was tested."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.trace import Op, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Nullness(Facts):
    """`origin` is the call or load that gave the pointer, `callee` its name; `check` tested another copy."""

    register: str
    pointer: str | None
    callee: str | None
    map_name: str | None
    origin: Step | None
    check: Step | None


def collect(context: Context) -> Nullness | None:
    register = context.captures.get("reg") or context.captures.get("arg")
    state = context.register(register)
    if register is None or context.step is None:
        return None
    origin = _origin(context, state.id if state else None, register)
    check = _tested(context, origin)
    return Nullness(
        register=register,
        pointer=context.called(register),
        callee=origin.insn.callee if origin and origin.insn.op is Op.CALL else None,
        map_name=state.map_name if state else None,
        origin=origin,
        check=check,
        cause=context.step,
        why=Loss.OTHER_COPY if check else Loss.NEVER,
        registers=(register,),
    )


def _origin(context: Context, id_: str | None, register: str) -> Step | None:
    """The step that made the pointer: the oldest one behind which the same id is in a register."""
    if id_ is None:
        return None
    for step in context.trace.steps():
        if step.insn.op is not Op.CALL and step.insn.op is not Op.LOAD:
            continue
        target = "r0" if step.insn.op is Op.CALL else step.insn.dst
        frame = next((f for f in context.trace.state_after(step) if f.frame == step.frame), None)
        made = frame.regs.get(target or "") if frame else None
        if made is not None and made.nullable and made.id == id_:
            return step
    return None


def _tested(context: Context, origin: Step | None) -> Step | None:
    """A comparison with 0, behind the call, of a pointer from the same call site."""
    if origin is None:
        return None
    step = context.trace.older(context.step) if context.step else None
    while step is not None and step.number > origin.number:
        if step.insn.op is Op.BRANCH and step.insn.imm == 0 and step.insn.operator in ("==", "!="):
            frame = context.frame_before(step)
            state = frame.regs.get(step.insn.dst or "") if frame else None
            if state is not None and state.nullable:
                return step
        step = context.trace.older(step)
    return None
