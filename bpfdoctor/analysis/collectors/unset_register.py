"""A register that holds nothing: which call took its value away, or what was never set."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import chain_of
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.model.diagnosis import Fact, Facts, Layer, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step


class Outcome(Outcomes):
    CLOBBERED = "a call took the value away"
    LOAD_CLOBBERED = "a legacy load from the packet took the value away, like a call"
    NO_RETURN = "the program ends, and nothing was returned"
    RETURNS_VARIABLE = "the program ends, and returns a variable that has no value"
    COMPILER_STORES = "what has no value is stored: the compiler has one slot for two paths"
    NEVER_SET = "nothing on the path gave it a value"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsetRegister(Facts):
    """`clobbered` is the call, or legacy packet load, that left `register` empty; `name` is what the user
    calls its value.
    """

    register: str
    name: str | None
    clobbered: Step | None

    @property
    def by(self) -> str:
        return (self.clobbered.insn.callee if self.clobbered else None) or "the call"

    def public(self) -> Mapping[str, Fact]:
        return {
            "name": self.name,
            "clobbered": self.clobbered,
        }


FACTS = UnsetRegister


def collect(context: Context) -> Found | NotShown:
    step, register = context.step, named(context)
    if step is None or register is None:
        return NotShown("the log does not show the use of the register")
    chain, name = chain_of(context, step, register), context.called(register)
    outcome = _outcome(step, register, name, chain.clobbered, chain.origin)
    facts = UnsetRegister(
        register=register,
        name=name,
        clobbered=chain.clobbered,
        cause=chain.clobbered or step,
        why=Loss.INVALIDATED if chain.clobbered else Loss.NEVER,
        # No line of C stores what was never set.
        layer=Layer.LOWERING if outcome is Outcome.COMPILER_STORES else None,
        registers=(register,),
    )
    return Found(outcome, facts)


def _outcome(
    step: Step, register: str, name: str | None, clobbered: Step | None, origin: Step | None
) -> Outcome:
    if clobbered is not None:
        return Outcome.CLOBBERED if clobbered.insn.op is Op.CALL else Outcome.LOAD_CLOBBERED
    if step.insn.op is Op.EXIT:
        return Outcome.RETURNS_VARIABLE if name else Outcome.NO_RETURN
    if step.insn.op is Op.STORE and step.insn.src == register and origin is None:
        return Outcome.COMPILER_STORES
    return Outcome.NEVER_SET
