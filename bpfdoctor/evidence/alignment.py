"""Whose address is not a multiple of the access's size: only on the stack it is the compiler's choice."""

from __future__ import annotations

from bpfdoctor.evidence.chain import chain_of
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.diagnosis import Layer
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment(Facts):
    """`register` holds the address, `origin` put it there; `stack` says that it is one of the stack."""

    register: str
    origin: Step | None
    stack: bool


def collect(context: Context) -> Alignment | None:
    step = context.step
    register = None if step is None else step.insn.src if step.insn.op is Op.LOAD else step.insn.dst
    if step is None or register is None:
        return None
    stack = "stack" in str(context.captures.get("what", ""))
    return Alignment(
        register=register,
        origin=chain_of(context, step, register).origin,
        stack=stack,
        cause=step,
        why=Loss.NEVER,
        registers=(register,),
        # Where on the stack a variable lies, and how wide it is written, is for the compiler to say.
        layer=Layer.LOWERING if stack else None,
    )
