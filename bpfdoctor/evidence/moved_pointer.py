"""A pointer that may only be used as it came, and the instruction that added something to it."""

from __future__ import annotations

from typing import Literal

from bpfdoctor.evidence.chain import chain_of
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.subjects import named
from bpfdoctor.model.diagnosis import Category, Layer
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPointer(Facts):
    """`moved` added something to the pointer in `register`: `by` a constant, a variable, or a choice (the one
    of several constants that the path picked). `added` is what the user calls that. `joined` says that the
    source has no such pointer: the compiler made one access of several.
    """

    register: str
    moved: Step | None
    by: Literal["constant", "choice", "variable"] | None
    added: str | None
    joined: bool


def collect(context: Context) -> MovedPointer | None:
    step = context.step
    if step is None:
        return None
    register = named(context) or (step.insn.src if step.insn.op is Op.LOAD else step.insn.dst)
    if register is None:
        return None
    moved = chain_of(context, step, register).origin
    if moved is not None and moved.insn.op is not Op.ALU:
        moved = None
    by = _by(context, moved) if moved else None
    joined = by == "choice" and step.insn.op is not Op.CALL and not _through_pointer(context, step)
    return MovedPointer(
        register=register,
        moved=moved,
        by=by,
        added=context.called(moved.insn.src, moved) if moved else None,
        joined=joined,
        cause=moved or step,
        why=Loss.RECOMPUTED if joined else Loss.OVERWRITTEN if moved else Loss.UNKNOWN,
        registers=(register,),
        layer=Layer.LOWERING if joined else None,
        category=_category(context, step),
    )


def _category(context: Context, step: Step) -> Category | None:
    """Release functions and kfuncs print the same words of an argument."""
    is_use = step.insn.op is not Op.CALL and context.finding.block.lines[0].startswith(("deref", "variable"))
    return Category.REGISTER if is_use else None


def _by(context: Context, moved: Step) -> Literal["constant", "choice", "variable"]:
    if moved.insn.src is None:
        return "constant"
    frame = context.frame_before(moved)
    state = frame.regs.get(moved.insn.src) if frame else None
    return "choice" if state is not None and state.value is not None else "variable"


def _through_pointer(context: Context, step: Step) -> bool:
    """Whether the source reads `*p` there: then the address was the user's own."""
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    return (
        c is None
        or place is None
        or any(each.kind == "deref" for each in c.accesses_on(place.line, place.column))
    )
