"""Which bytes of the stack are read, and which of them no instruction on the path has written."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.stack_layout import Read, declaration, drawn, history
from bpfdoctor.kernel.limits import STACK
from bpfdoctor.machine.value import of_frame
from bpfdoctor.model.diagnosis import Category, Place
from bpfdoctor.model.picture import ObjectBytes, Part
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import FrameState, Op, Step
from bpfdoctor.trace.slice import Role, origin

_LOOKED_AT = 2000  # steps, newest first, for the call that left the frame whose stack is read


@dataclass(frozen=True, slots=True, kw_only=True)
class StackBytes(Facts):
    """`size` bytes from `start` (distance from the frame pointer, negative) are read by `callee` or a load.

    `row` has a letter for each of them, lowest address first: `w` written, `.` not, `?` not known;
    `unwritten` are the offsets of the dots, counted from `start`. `argument` is the call's argument, counted
    from 1. `object` is what lies there, `declaration` where it is declared.
    """

    start: int
    size: int
    row: str
    callee: str | None
    argument: int | None
    variable: str | None
    object: ObjectBytes
    declaration: Place | None

    @property
    def unwritten(self) -> tuple[int, ...]:
        return tuple(at for at, letter in enumerate(self.row) if letter == ".")

    @property
    def missing(self) -> tuple[Part, ...]:
        """The members and padding that are read and not, or not wholly, written; as far as they are read."""
        read = (self.object.read_of(part) for part in self.object.parts)
        return tuple(part for part in read if part and "." in part.row)

    @property
    def picture(self) -> ObjectBytes | None:
        """Bytes without a name of which none is written need no drawing."""
        return self.object if self.object.name or len(self.object.parts) > 1 else None


def collect(context: Context) -> StackBytes | None:
    """None when the message does not say where on the stack."""
    m, step = context.captures, context.step
    start, size = m.get("off"), m.get("size")
    if not isinstance(start, int) or not isinstance(size, int) or not -STACK <= start < 0 < size <= STACK:
        return None
    gap = m.get("gap")  # "off -32+4 size 32": the fifth byte is the first that was never written
    register = m.get("reg")
    owner = _owner(context, register) if step else None
    frame = _frame(context, step, owner.frame) if step and owner else None
    variable = context.called(register)
    read = Read(start, size, owner, variable if owner is step else None)
    row = _row(context, frame, read, gap if isinstance(gap, int) else None)
    call = step is not None and step.insn.op is Op.CALL

    def letter(offset: int) -> str:
        return row[offset - start] if 0 <= offset - start < size else _printed(frame, offset)

    return StackBytes(
        start=start,
        size=size,
        row=row,
        callee=step.insn.callee if step and call else None,
        argument=int(register[1:]) if call and isinstance(register, str) and register[1:].isdigit() else None,
        variable=variable,
        object=drawn(context, read, letter),
        declaration=declaration(context, read),
        cause=step,
        why=Loss.NEVER,
        registers=(register,) if isinstance(register, str) else (),
        category=Category.CALL if _is_argument(context) else None,
    )


def _is_argument(context: Context) -> bool:
    """Whether the message goes on: "R3 and R4 memory, len pair leads to invalid memory access"."""
    return "memory, len pair" in context.finding.block.lines[-1]


def _owner(context: Context, register: object) -> Step | None:
    """The newest step of the frame whose stack is read: the refused one, or the call that left the frame."""
    step = context.step
    state = context.register(register) if isinstance(register, str) else None
    if step is None or state is None or state.kind != "fp" or not isinstance(register, str):
        return step
    number = of_frame(state, step.frame)
    if number == step.frame and step.frame and not state.attributes:
        # Linux 5.10 prints fp-8 for any frame's stack: the pointer was made in the frame it points into.
        made = [each.step.frame for each in origin(context.trace, step, register) if each.role is Role.VALUE]
        number = made[-1] if made else number
    at: Step | None = step
    for _ in range(_LOOKED_AT):
        if at is None or at.frame == number:
            return at
        at = context.trace.older(at)
    return None


def _frame(context: Context, step: Step, number: int) -> FrameState | None:
    return next((frame for frame in context.trace.state_before(step) if frame.frame == number), None)


def _row(context: Context, frame: FrameState | None, read: Read, gap: int | None) -> str:
    """A letter for each byte that is read: as the state says, where the message does not contradict it.

    Linux 5.10 prints `fp-8=inv` also for a slot of which only a part was written.
    """
    row = [_printed(frame, offset) for offset in range(read.start, read.start + read.size)]
    if gap is None:
        row = row if "." in row else ["."] * read.size
    elif gap < read.size:
        if row[gap] == "w" or "." in row[:gap]:
            row = ["?"] * read.size
        row[:gap], row[gap] = "w" * gap, "."
    if "?" in row:
        told = history(context, read)
        row = [told.get(read.start + at, ("?",))[0] if was == "?" else was for at, was in enumerate(row)]
    return "".join(row)


def _printed(frame: FrameState | None, offset: int) -> str:
    """`w` for a byte of the stack that was written, `.` for one that never was, `?` when no state says it."""
    if frame is None or not frame.stack:
        return "?"
    slot = offset - offset % 8
    known = frame.stack.get(slot)
    if known is None:
        return "."
    if len(known.bytes) != 8:
        return "?"
    # The kernel prints the highest address first.
    return "." if known.bytes[7 - (offset - slot)] == "?" else "w"
