"""What is known of the number that a message complains about, and where that was last checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bpfdoctor.evidence.chain import Chain, chain_of, other_copy
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.subjects import ARGUMENTS, named
from bpfdoctor.model.diagnosis import Category, Layer
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.bounds import S64_MAX, S64_MIN, bounds
from bpfdoctor.trace.slice import Relation, checks


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarRange(Facts):
    """`state` is the number as the verifier knows it at the refused instruction, `least`/`most` its bounds as
    a signed 64-bit number (None: unbounded). `origin` made it, `check` compared it last, `narrow` says the
    check looked at 32 bits only, `other_copy` that it compared another copy of the value. `argument` is the
    call's argument, counted from 1.
    """

    register: str
    name: str | None
    state: RegState | None
    least: int | None
    most: int | None
    origin: Step | None
    check: Step | None
    narrow: bool
    other_copy: bool
    callee: str | None
    argument: int | None

    @property
    def may_be_negative(self) -> bool:
        return self.least is None or self.least < 0


def collect(context: Context) -> ScalarRange | None:
    step = context.step
    register = named(context) or (_operand(context, step) if step else None)
    if step is None or register is None:
        return None
    state = context.register(register)
    least, most = limits(state)
    pointer = state is not None and state.kind != "scalar"
    compared = (
        each for each in checks(context.trace, step, register) if not (pointer and _is_null_test(each.step))
    )
    found = next(compared, None)
    check, narrow, same_variable = (found.step, found.step.insn.width == 32, False) if found else (None,) * 3
    other = found is not None and found.relation is Relation.ANCESTOR
    if check is None and not _is_about_zero(context):
        check, same_variable = other_copy(context, step, register)
        if check is not None and pointer and _is_null_test(check):
            check, same_variable = None, False
        other, narrow = check is not None, check is not None and check.insn.width == 32
    call = step.insn.op is Op.CALL
    facts = ScalarRange(
        register=register,
        name=context.called(register),
        state=state,
        least=least,
        most=most,
        origin=None,
        check=check,
        narrow=bool(narrow),
        other_copy=other,
        callee=step.insn.callee if call else None,
        argument=int(register[1:]) if call and register in ARGUMENTS else None,
        cause=step,
        why=Loss.TOO_SMALL if check else Loss.NEVER,
        registers=_operands(step) if step.insn.op is Op.ALU else (register,),
    )
    return _with_cause(facts, chain_of(context, step, register), bool(same_variable))


def _with_cause(facts: ScalarRange, chain: Chain, same_variable: bool) -> ScalarRange:
    facts = replace(facts, origin=chain.origin)
    if facts.cause is not None and facts.cause.insn.op is Op.ALU:
        # A number that may be anything is added to a pointer: 7.3 calls that a matter of the register.
        facts = replace(facts, category=Category.REGISTER)
        if facts.check is None and chain.root is not None:
            return replace(facts, cause=chain.root)
    if facts.narrow:
        return replace(facts, why=Loss.NARROWED)
    if facts.other_copy and same_variable:
        return replace(facts, cause=facts.check, why=Loss.OTHER_COPY, layer=Layer.LOWERING)
    return replace(facts, why=Loss.OTHER_COPY) if facts.other_copy else facts


def _is_null_test(branch: Step) -> bool:
    """Where a number was added to a pointer, a test of the pointer says nothing about the number."""
    return branch.insn.operator in ("==", "!=") and branch.insn.imm == 0


def _is_about_zero(context: Context) -> bool:
    """Whether nothing but the smallest value is wrong: a check of an upper limit is no part of that."""
    return "zero-sized" in context.finding.block.lines[0]


def limits(state: RegState | None) -> tuple[int | None, int | None]:
    """Least and most as signed 64-bit numbers; None where nothing limits that side."""
    if state is None:
        return None, None
    known = bounds(state)
    least = None if known.smin == S64_MIN else known.smin
    return least, None if known.smax == S64_MAX else known.smax


def _operand(context: Context, step: Step) -> str | None:
    """For messages without a register: the operand of the refused instruction that is a number."""
    frame = context.frame_before(step)
    names = [name for name in (step.insn.src, step.insn.dst) if name and frame and name in frame.regs]
    numbers = [name for name in names if frame and frame.regs[name].kind == "scalar"]
    return next(iter(numbers or names), step.insn.src)


def _operands(step: Step) -> tuple[str, ...]:
    return tuple(name for name in (step.insn.dst, step.insn.src) if name)
