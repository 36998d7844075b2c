"""Which call made a pointer that may be NULL, and whether any copy of it was tested."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.chain import Chain, chain_of
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.subjects import named
from bpfdoctor.model.diagnosis import Category
from bpfdoctor.model.trace import Op, RegState, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Nullness(Facts):
    """`origin` is the call or load that gave the pointer, `callee` its name; `check` tested another copy.

    `moved` is arithmetic between the two, behind which a comparison no longer says anything.
    """

    register: str
    pointer: str | None
    callee: str | None
    map_name: str | None
    origin: Step | None
    check: Step | None
    moved: Step | None


def collect(context: Context) -> Nullness | None:
    register, step = named(context), context.step
    if register is None or step is None:
        return None
    state, chain = context.register(register), chain_of(context, step, register)
    made = chain.root if chain.root is not None and chain.root.insn.op in (Op.CALL, Op.LOAD) else None
    moved = chain.origin if chain.origin is not None and chain.origin.insn.op is Op.ALU else None
    check = _tested(context, step, made)
    return Nullness(
        register=register,
        pointer=context.called(register),
        callee=made.insn.callee if made and made.insn.op is Op.CALL else None,
        map_name=state.map_name if state else None,
        origin=made,
        check=check,
        moved=moved,
        cause=_cause(step, chain, state, check, moved),
        why=Loss.OTHER_COPY if check else Loss.NEVER,
        registers=(register,),
        category=Category.CALL if _is_argument(context) else None,
    )


def _is_argument(context: Context) -> bool:
    """`R1 type=map_value_or_null expected=fp` and `Possibly NULL pointer passed to trusted arg0`."""
    line = context.finding.block.lines[-1]
    return " expected=" in line or line.startswith("Possibly NULL")


def _cause(step: Step, chain: Chain, state: RegState | None, check: Step | None, moved: Step | None) -> Step:
    """The use without a check; but the load where a pointer was read from memory that may hold NULL again."""
    if moved is not None and state is not None and state.nullable:
        return moved
    loaded = chain.root if chain.root is not None and chain.root.insn.op is Op.LOAD else None
    if loaded is not None and step.insn.op is Op.CALL:
        return loaded
    return step


def _tested(context: Context, step: Step, made: Step | None) -> Step | None:
    """A comparison with 0, behind the call, of another pointer that may be NULL."""
    if made is None:
        return None
    at = context.trace.older(step)
    while at is not None and at.number > made.number:
        if at.insn.op is Op.BRANCH and at.insn.imm == 0 and at.insn.operator in ("==", "!="):
            frame = context.frame_before(at)
            state = frame.regs.get(at.insn.dst or "") if frame else None
            if state is not None and state.nullable:
                return at
        at = context.trace.older(at)
    return None
