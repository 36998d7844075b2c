"""A pointer that may only be used as it came, and the instruction that added something to it."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import chain_of
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.model.diagnosis import Category, Fact, Facts, Layer, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.source.cvalues import AccessKind


class Outcome(Outcomes):
    MOVED = "an instruction adds something to the pointer"
    JOINED = "the same, and the source has no such pointer: the compiler made one access of several"
    NOT_MOVED = "the path shows no addition: the offset stands in the access"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPointer(Facts):
    """`moved` added something to the pointer in `register`; `added_name` is what the user calls that.

    `offset` is where in the object the access is on this path, where that is known.
    """

    register: str
    moved: Step | None
    added_name: str | None
    offset: int | None = None

    @property
    def added(self) -> str:
        return self.added_name or "a variable"

    def public(self) -> Mapping[str, Fact]:
        return {
            "moved": self.moved,
            "added": self.added_name,
        }


FACTS = MovedPointer


def collect(context: Context) -> Found | NotShown:
    step = context.step
    if step is None:
        return NotShown("the log does not show the access")
    register = named(context) or (step.insn.src if step.insn.op is Op.LOAD else step.insn.dst)
    if register is None:
        return NotShown("the log does not show which pointer is meant")
    moved = chain_of(context, step, register).origin
    if moved is not None and moved.insn.op is not Op.ALU:
        moved = None
    joined = (
        moved is not None
        and step.insn.op is not Op.CALL
        and (
            (_is_choice(context, moved) and not _through_pointer(context, step))
            or _is_read(context, moved, step)
        )
    )
    facts = MovedPointer(
        register=register,
        moved=moved,
        added_name=context.called(moved.insn.src, moved) if moved else None,
        offset=_offset(context, moved, step) if moved else None,
        cause=moved or step,
        why=Loss.RECOMPUTED if joined else Loss.OVERWRITTEN if moved else Loss.UNKNOWN,
        registers=(register,),
        layer=Layer.LOWERING if joined else None,
        category=_category(context, step),
    )
    return Found(Outcome.JOINED if joined else Outcome.MOVED if moved else Outcome.NOT_MOVED, facts)


def _category(context: Context, step: Step) -> Category | None:
    """Release functions and kfuncs print the same words of an argument."""
    is_use = step.insn.op is not Op.CALL and context.finding.block.lines[0].startswith(("deref", "variable"))
    return Category.REGISTER if is_use else None


def _is_choice(context: Context, moved: Step) -> bool:
    """Whether it adds the one of several constants that the path picked."""
    return moved.insn.src is not None and _added(context, moved) is not None


def _is_read(context: Context, moved: Step, step: Step) -> bool:
    """Whether the source reads a field where the pointer is moved, and has no pointer where it is read."""
    place = context.source.place(moved)
    c = context.source.c(place.file) if place else None
    if c is None or place is None or moved.insn.imm is None:
        return False
    if context.source.place(step) is not None and _through_pointer(context, step):
        return False
    here = c.accesses_on(place.line, place.column)
    return any(each.kind is AccessKind.ARROW and not each.address and not each.written for each in here)


def _added(context: Context, moved: Step) -> int | None:
    """The constant that is added on this path."""
    if moved.insn.imm is not None:
        return moved.insn.imm
    frame = context.frame_before(moved)
    state = frame.regs.get(moved.insn.src or "") if frame else None
    return state.value if state is not None else None


def _offset(context: Context, moved: Step, step: Step) -> int | None:
    added = _added(context, moved)
    return added + (step.insn.off or 0) if added is not None and moved.insn.operator == "+=" else None


def _through_pointer(context: Context, step: Step) -> bool:
    """Whether the source reads `*p` there: then the address was the user's own."""
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    return (
        c is None
        or place is None
        or any(each.kind is AccessKind.DEREF for each in c.accesses_on(place.line, place.column))
    )
