"""Which bytes of the stack are read, and which of them no instruction on the path has written."""

from __future__ import annotations

from dataclasses import dataclass

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.diagnosis import Category
from bpfdoctor.model.trace import FrameState, Op


@dataclass(frozen=True, slots=True, kw_only=True)
class StackBytes(Facts):
    """`size` bytes from `start` (distance from the frame pointer, negative) are read by `callee` or a load.

    `row` has a letter for each of them, lowest address first: `w` written, `.` not; `unwritten` are the
    offsets of the dots, counted from `start`. `argument` is the call's argument, counted from 1.
    """

    start: int
    size: int
    row: str
    callee: str | None
    argument: int | None
    variable: str | None

    @property
    def unwritten(self) -> tuple[int, ...]:
        return tuple(at for at, letter in enumerate(self.row) if letter == ".")


def collect(context: Context) -> StackBytes | None:
    """None when the message does not say where on the stack."""
    m, step = context.captures, context.step
    start, size = m.get("off"), m.get("size")
    if not isinstance(start, int) or not isinstance(size, int) or not -512 <= start < 0 < size <= 512:
        return None
    gap = m.get("gap")  # "off -32+4 size 32": the fifth byte is the first that was never written
    frame = context.frame_before(step) if step else None
    row = (
        _row(frame, start, size)
        if frame and frame.stack
        else "w" * gap + "."
        if isinstance(gap, int)
        else "?"
    )
    register = m.get("reg")
    call = step is not None and step.insn.op is Op.CALL
    return StackBytes(
        start=start,
        size=size,
        row=row if set(row) != {"w"} else row.replace("w", "?"),
        callee=step.insn.callee if step and call else None,
        argument=int(register[1:]) if call and isinstance(register, str) and register[1:].isdigit() else None,
        variable=context.called(register),
        cause=step,
        why=Loss.NEVER,
        registers=(register,) if isinstance(register, str) else (),
        category=Category.CALL if _is_argument(context) else None,
    )


def _is_argument(context: Context) -> bool:
    """Whether the message goes on: "R3 and R4 memory, len pair leads to invalid memory access"."""
    return "memory, len pair" in context.finding.block.lines[-1]


def _row(frame: FrameState, start: int, size: int) -> str:
    return "".join("." if _letter(frame, start + at) == "?" else "w" for at in range(size))


def _letter(frame: FrameState, offset: int) -> str:
    """The kernel's letter for one byte of the stack; `?` where nothing was ever written."""
    slot = offset - offset % 8
    known = frame.stack.get(slot)
    if known is None:
        return "?"
    if known.reg is not None or len(known.bytes) != 8:
        return "r"
    return known.bytes[7 - (offset - slot)]  # the kernel prints the highest address first
