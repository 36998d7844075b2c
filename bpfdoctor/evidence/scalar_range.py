"""What is known of the number that a message complains about, and where that was last checked."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.register_origin import origin_of
from bpfdoctor.model.trace import Op, RegState, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarRange(Facts):
    """`state` is the number as the verifier knows it at the refused instruction, `least`/`most` its bounds as
    a signed 64-bit number (None: unbounded). `origin` made it, `check` compared it last, `narrow` says the
    check looked at 32 bits only. `argument` is the call's argument, counted from 1.
    """

    register: str
    name: str | None
    state: RegState | None
    least: int | None
    most: int | None
    origin: Step | None
    check: Step | None
    narrow: bool
    callee: str | None
    argument: int | None

    @property
    def may_be_negative(self) -> bool:
        return self.least is None or self.least < 0


def collect(context: Context) -> ScalarRange | None:
    step, register = context.step, context.captures.get("reg")
    if step is None or not isinstance(register, str):
        return None
    state = context.register(register)
    known = state.range if state else None
    least = state.value if state and state.value is not None else known.smin if known else None
    most = state.value if state and state.value is not None else known.smax if known else None
    if known and least is None and known.umax is not None and known.umax < 1 << 63:
        least = known.umin or 0
    if known and most is None and known.umax is not None and known.umax < 1 << 63:
        most = known.umax
    origin, _, _ = origin_of(context, step, register)
    check = _check(context, step, register)
    narrow = check is not None and check.insn.width == 32
    call = step.insn.op is Op.CALL
    return ScalarRange(
        register=register,
        name=context.called(register),
        state=state,
        least=least,
        most=most,
        origin=origin,
        check=check,
        narrow=narrow,
        callee=step.insn.callee if call else None,
        argument=int(register[1:]) if call and register[1:].isdigit() else None,
        cause=step,
        why=Loss.NARROWED if narrow else Loss.TOO_SMALL if check else Loss.NEVER,
        registers=(register,),
    )


def _check(context: Context, step: Step, register: str) -> Step | None:
    """The newest comparison of the number or of what it was copied from."""
    at = context.trace.older(step)
    while at is not None:
        insn = at.insn
        if at.frame == step.frame:
            if insn.op is Op.BRANCH and register in (insn.dst, insn.src):
                return at
            if insn.dst == register and insn.op is Op.MOVE and insn.src is not None:
                register = insn.src
            elif (insn.dst == register and insn.op in (Op.MOVE, Op.LOAD)) or (
                insn.op is Op.CALL and register in ("r0", "r1", "r2", "r3", "r4", "r5")
            ):
                return None
        at = context.trace.older(at)
    return None
