"""Whose address is not a multiple of the access's size: only on the stack it is the compiler's choice."""

from __future__ import annotations

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Facts, Layer, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op


class Outcome(Outcomes):
    COMPUTED = "the program makes the address"
    COMPILER_PLACED = "the address is one of the stack, where the compiler chooses the places"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment(Facts):
    """`register` holds the address."""

    register: str


FACTS = Alignment


def collect(context: Context) -> Found | NotShown:
    step = context.step
    register = None if step is None else step.insn.src if step.insn.op is Op.LOAD else step.insn.dst
    if step is None or register is None:
        return NotShown("the log does not show the access")
    stack = "stack" in str(context.captures.get("what", ""))
    facts = Alignment(
        register=register,
        cause=step,
        why=Loss.NEVER,
        registers=(register,),
        # Where on the stack a variable lies, and how wide it is written, is for the compiler to say.
        layer=Layer.LOWERING if stack else None,
    )
    return Found(Outcome.COMPILER_PLACED if stack else Outcome.COMPUTED, facts)
