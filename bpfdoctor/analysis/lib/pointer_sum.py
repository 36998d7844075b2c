"""The number that was added to a pointer, and where."""

from __future__ import annotations

from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.model.trace import RegState, Step
from bpfdoctor.trace.slice import How, slice_of


def added(context: Context, at: Step | None, register: str) -> tuple[Step, str] | None:
    """The newest addition of a register to the pointer in `register`: the step, and the number's register."""
    for found in slice_of(context.trace, at, register).value if at is not None else ():
        if found.how is How.ARITHMETIC and len(found.sources) > 1:
            return found.step, number_in(context, found.step)
    return None


def number_in(context: Context, addition: Step) -> str:
    """Which register of `r1 += r2` is the number; where the log does not say, the one that is added."""
    insn, frame = addition.insn, context.frame_before(addition)
    names = [name for name in (insn.src, insn.dst) if name is not None]
    kinds = {name: frame.regs[name].kind for name in names if name in frame.regs} if frame else {}
    if not any(kind != "scalar" for kind in kinds.values()):
        kinds |= _at_the_beginning(context, names)
    pointer = next((name for name, kind in kinds.items() if kind != "scalar"), None)
    return next((name for name in names if name != pointer), names[0])


def _at_the_beginning(context: Context, names: list[str]) -> dict[str, str]:
    """What the registers hold by the state that a cut log begins with, as far as no step of it wrote them."""
    if (opening := context.trace.opening()) is None:
        return {}
    state, oldest = opening
    written = {step.insn.written for step in islice(context.trace.steps(), 1 - oldest.number)}
    return {name: state.regs[name].kind for name in names if name in state.regs and name not in written}


def is_pointer(context: Context, step: Step, register: str, state: RegState | None) -> bool:
    """Whether the register has an address; where the log does not say, whether it is used as one."""
    if state is not None:
        return state.kind != "scalar"
    return register == step.insn.base
