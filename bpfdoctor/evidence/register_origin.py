"""What a register holds and which instruction put it there."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.trace import Op, RegState, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrigin(Facts):
    """`origin` is the step that made the value, behind all copies; None when nothing on the path wrote it.

    `copies` are the moves in between, newest first; `base` is what was dereferenced when it was loaded.
    """

    register: str
    name: str | None
    state: RegState | None
    origin: Step | None
    copies: tuple[Step, ...]
    base: RegState | None
    base_name: str | None
    clobbered: Step | None


def collect(context: Context) -> RegisterOrigin | None:
    m, step = context.captures, context.step
    register = m.get("reg")
    if not isinstance(register, str) or step is None:
        return None
    origin, copies, clobbered = origin_of(context, step, register)
    base = None
    base_register = origin.insn.src if origin is not None and origin.insn.op is Op.LOAD else None
    if origin is not None and base_register is not None and (frame := context.frame_before(origin)):
        base = frame.regs.get(base_register)
    return RegisterOrigin(
        register=register,
        name=context.called(register),
        state=context.register(register),
        origin=origin,
        copies=copies,
        base=base,
        base_name=context.called(base_register, origin) if origin else None,
        clobbered=clobbered,
        cause=clobbered or step,
        why=Loss.OVERWRITTEN if clobbered else Loss.NEVER,
        registers=(register,),
    )


def origin_of(
    context: Context, step: Step, register: str
) -> tuple[Step | None, tuple[Step, ...], Step | None]:
    """(the step that made the value, copies newest first, the call that made the register unreadable)."""
    copies: list[Step] = []
    at = context.trace.older(step)
    while at is not None:
        insn = at.insn
        if at.frame == step.frame:
            if insn.op is Op.CALL and register == "r0":
                return at, tuple(copies), None
            if insn.op is Op.CALL and register in ("r1", "r2", "r3", "r4", "r5"):
                return None, tuple(copies), at
            if insn.dst == register and insn.op is Op.MOVE and insn.src is not None:
                copies.append(at)
                register = insn.src
            elif insn.dst == register and insn.op in (Op.MOVE, Op.ALU, Op.LOAD):
                return at, tuple(copies), None
        at = context.trace.older(at)
    return None, tuple(copies), None
