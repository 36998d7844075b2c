"""An argument that must be owned, trusted or protected: what ended that, or that it never was."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import pointers_chain
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.kernel import calls
from bpfdoctor.model.diagnosis import Fact, Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step


class Outcome(Outcomes):
    ENDED = "a step of the path ended it: released, or given to a list or tree whose lock was left"
    LESSENED = (
        "a step of the path left less of it: a list or tree has taken it over, or RCU's protection ended"
    )
    NEVER = "it never was: an instruction of the path made it so"
    GIVEN = "it never was, and was there when the path begins"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedArgument(Facts):
    """`origin` made what is in `register`, before all copies; `ended` took away what is wanted of it."""

    register: str
    origin: Step | None
    ended: Step | None

    @property
    def ended_by(self) -> str:
        return (self.ended.insn.callee if self.ended else None) or "this write"

    def public(self) -> Mapping[str, Fact]:
        return {
            "origin": self.origin,
            "ended": self.ended,
        }


FACTS = OwnedArgument


def collect(context: Context) -> Found | NotShown:
    step = context.step
    if step is None or step.insn.op is not Op.CALL:
        return NotShown("the log does not show the call")
    register = named(context) or f"r{calls.released_argument(step.insn.callee or '') or 1}"
    chain = pointers_chain(context, step, register)
    ended = chain.invalidated or chain.lessened
    facts = OwnedArgument(
        register=register,
        origin=chain.origin,
        ended=ended,
        cause=ended or step,
        why=Loss.INVALIDATED if ended else Loss.NEVER,
        registers=(register,),
    )
    if ended is not None:
        return Found(Outcome.ENDED if chain.invalidated else Outcome.LESSENED, facts)
    return Found(Outcome.NEVER if chain.origin is not None else Outcome.GIVEN, facts)
