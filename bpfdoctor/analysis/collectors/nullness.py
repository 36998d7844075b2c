"""Which call made a pointer that may be NULL, and whether any copy of it was tested."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import Chain, chain_of
from bpfdoctor.analysis.lib.null_tests import NullTest, is_null_test, other_test, wrong_way
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.analysis.lib.unreached_check import check_elsewhere
from bpfdoctor.model.diagnosis import Category, Fact, Facts, Loss, Place
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import Op, RegState, Step
from bpfdoctor.trace.slice import How


class Outcome(Outcomes):
    NEVER_CHECKED = "nothing compares the pointer with NULL"
    WRONG_BRANCH = "this path is the one on which the pointer is NULL"
    NULL_GIVEN = "the code of this path puts a 0 there"
    MOVED_FIRST = "something was added to the pointer before any check"
    CHECKED_ELSEWHERE = "the check is on another path"
    ASKED_AGAIN = "the call that gives the pointer was made again after the check"
    READ_AGAIN = "the pointer was read from memory again after the check"
    OTHER_POINTER = "another pointer was compared with NULL"
    OTHER_COPY = "another copy of the pointer was compared with NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nullness(Facts):
    """`origin` is the call or load that gave the pointer; `check` tested it, or another pointer.

    `moved` is arithmetic between the two, after which a comparison no longer says anything. `lost` is where
    the pointer that was compared was asked for, or read, once more; `elsewhere` is a comparison in the source
    that is not on this path. `pointer` is the user's name for it, None when unknown.
    """

    register: str
    pointer: str | None
    origin: Step | None
    check: Step | None
    moved: Step | None
    lost: Step | None
    elsewhere: Place | None

    @property
    def name(self) -> str:
        """What a check would call it."""
        return self.pointer or "p"

    def public(self) -> Mapping[str, Fact]:
        return {
            "pointer": self.pointer,
            "origin": self.origin,
            "check": self.check,
            "moved": self.moved,
            "lost": self.lost,
            "elsewhere": self.elsewhere,
        }


FACTS = Nullness


def collect(context: Context) -> Found | NotShown:
    register, step = named(context), context.step
    if register is None or step is None:
        return NotShown("the log does not show the use of the pointer")
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
        origin=made,
        check=test.step if test else None,
        moved=moved,
        lost=test.lost if test else None,
        elsewhere=elsewhere,
        cause=_cause(step, chain, state, moved),
        why=test.why if test else Loss.MERGED if elsewhere else Loss.NEVER,
        registers=(register,),
        category=Category.CALL if _is_argument(context) else None,
    )
    # A look-up is repeated where a check is wanted; memory is read again where the pointer was to be kept.
    if facts.why in (Loss.OTHER_WAY, Loss.WRONG_VALUE):
        facts = replace(facts, cause=facts.check)
    elif facts.lost is not None and facts.lost.insn.op is Op.LOAD:
        facts = replace(facts, cause=facts.lost)
    return Found(_outcome(facts, chain), facts)


def _outcome(facts: Nullness, chain: Chain) -> Outcome:
    if facts.why is Loss.OTHER_WAY:
        return Outcome.WRONG_BRANCH
    if chain.root_how is How.CONSTANT:
        return Outcome.NULL_GIVEN
    if facts.moved is not None:
        return Outcome.MOVED_FIRST
    if facts.elsewhere is not None:
        return Outcome.CHECKED_ELSEWHERE
    if facts.why is Loss.REREAD:
        asked = facts.origin is not None and facts.origin.insn.op is Op.CALL
        return Outcome.ASKED_AGAIN if asked else Outcome.READ_AGAIN
    if facts.why is Loss.WRONG_VALUE:
        return Outcome.OTHER_POINTER
    return Outcome.OTHER_COPY if facts.check is not None else Outcome.NEVER_CHECKED


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
