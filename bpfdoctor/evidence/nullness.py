"""Which call made a pointer that may be NULL, and whether any copy of it was tested."""

from __future__ import annotations

from dataclasses import replace

from bpfdoctor.evidence.chain import Chain, chain_of
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.elsewhere import check_elsewhere
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.null_tests import NullTest, is_null_test, other_test, wrong_way
from bpfdoctor.evidence.subjects import named
from bpfdoctor.model.diagnosis import Category, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.slice import How


@dataclass(frozen=True, slots=True, kw_only=True)
class Nullness(Facts):
    """`origin` is the call or load that gave the pointer, `callee` its name; `check` tested another pointer.

    `moved` is arithmetic between the two, behind which a comparison no longer says anything. `lost` is where
    the pointer that was compared was asked for, or read, once more; `elsewhere` is a comparison in the source
    that is not on this path. `literal`: the code of this path puts a 0 there.
    """

    register: str
    pointer: str | None
    callee: str | None
    map_name: str | None
    origin: Step | None
    check: Step | None
    moved: Step | None
    lost: Step | None
    elsewhere: Place | None
    literal: bool


def collect(context: Context) -> Nullness | None:
    register, step = named(context), context.step
    if register is None or step is None:
        return None
    state, chain = context.register(register), chain_of(context, step, register)
    made = chain.root if chain.root is not None and chain.root.insn.op in (Op.CALL, Op.LOAD) else None
    moved = chain.origin if chain.origin is not None and chain.origin.insn.op is Op.ALU else None
    test = other_test(context, step, register) if moved is None else None
    pointer = context.called(register)
    elsewhere = None
    if test is None and (other_way := wrong_way(context, step, register, pointer)) is not None:
        test = NullTest(other_way, Loss.OTHER_WAY)
    elif test is None and pointer:
        elsewhere = check_elsewhere(context, step, pointer, is_null_test, leaves=True)
    facts = Nullness(
        register=register,
        pointer=pointer,
        callee=made.insn.callee if made and made.insn.op is Op.CALL else None,
        map_name=state.map_name if state else None,
        origin=made,
        check=test.step if test else None,
        moved=moved,
        lost=test.lost if test else None,
        elsewhere=elsewhere,
        literal=chain.root_how is How.CONSTANT,
        cause=_cause(step, chain, state, moved),
        why=test.why if test else Loss.MERGED if elsewhere else Loss.NEVER,
        registers=(register,),
        category=Category.CALL if _is_argument(context) else None,
    )
    if facts.why is Loss.OTHER_WAY:
        return replace(facts, cause=facts.check)
    # A look-up is repeated where a check is wanted; memory is read again where the pointer was to be kept.
    read_again = facts.lost is not None and facts.lost.insn.op is Op.LOAD
    return replace(facts, cause=facts.lost) if read_again else facts


def _is_argument(context: Context) -> bool:
    """`R1 type=map_value_or_null expected=fp` and `Possibly NULL pointer passed to trusted arg0`."""
    line = context.finding.block.lines[-1]
    return " expected=" in line or line.startswith("Possibly NULL")


def _cause(step: Step, chain: Chain, state: RegState | None, moved: Step | None) -> Step:
    """The use without a check; but the load where a pointer was read from memory that may hold NULL again."""
    if moved is not None and state is not None and state.nullable:
        return moved
    loaded = chain.root if chain.root is not None and chain.root.insn.op is Op.LOAD else None
    if loaded is not None and step.insn.op is Op.CALL:
        return loaded
    return step
