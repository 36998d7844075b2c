"""Which bytes of the stack are read, and which of them no instruction on the path has written."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.stack_layout import Read, declaration, drawn, history
from bpfdoctor.analysis.lib.words import count
from bpfdoctor.kernel import helpers
from bpfdoctor.kernel.limits import STACK
from bpfdoctor.machine.value import of_frame
from bpfdoctor.model.diagnosis import Category, Fact, Facts, Layer, Loss, Place
from bpfdoctor.model.picture import ObjectBytes, Part, PartKind
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import FrameState, Op, StackPlace, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.slice import How, slice_of, slice_of_slot


class Outcome(Outcomes):
    PADDING_LEFT = "one gap of padding was not written"
    PADDINGS_LEFT = "nothing but padding was not written"
    MEMBERS_LEFT = "members of the variable were not written"
    START_WRITTEN = "what lies there is not known, and its first bytes were written"
    START_MISSING = "what lies there is not known, and its first byte was not written"
    STORED = "the path writes the byte that the message names"
    OUTPUT = "the helper that is called only writes to memory"
    NOTHING_WRITTEN = "what lies there is not known, and the message names no byte of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackBytes(Facts):
    """`size` bytes from `start` (distance from the frame pointer, negative) are read.

    `row` has a letter for each of them, lowest address first: `w` written, `.` not, `?` not known; `gap` is
    the first that was not, as the message says. `object` is what lies there, `declaration` where it is
    declared; `variable` is what the user gave to the call.
    """

    start: int
    size: int
    row: str
    gap: int
    variable: str | None
    object: ObjectBytes
    declaration: Place | None
    callee: str = "the helper"

    @property
    def read(self) -> str:
        """`4 bytes`, `all 16 bytes`."""
        return f"all {self.size} bytes" if self.size == self.object.size else count(self.size, "byte")

    @property
    def object_name(self) -> str:
        return self.object.name or ""

    @property
    def called(self) -> str:
        """The variable's name, where the object's is not known."""
        return (self.variable or "the variable").lstrip("&")

    @property
    def missing(self) -> tuple[Part, ...]:
        """The members and padding that are read and not, or not wholly, written; as far as they are read."""
        read = (self.object.read_of(part) for part in self.object.parts)
        return tuple(part for part in read if part and "." in part.row)

    @property
    def picture(self) -> ObjectBytes | None:
        """Bytes without a name of which none is written need no drawing."""
        return self.object if self.object.name or len(self.object.parts) > 1 else None

    def public(self) -> Mapping[str, Fact]:
        return {
            "start": self.start,
            "size": self.size,
            "row": self.row,
            "gap": self.gap,
            "variable": self.variable,
            "object": self.object,
            "declaration": self.declaration,
        }


FACTS = StackBytes


def collect(context: Context) -> Found | NotShown:
    m, step = context.captures, context.step
    start, size = m.get("off"), m.get("size")
    if not isinstance(start, int) or not isinstance(size, int) or not -STACK <= start < 0 < size <= STACK:
        return NotShown("the message does not say where on the stack")
    if step is None and not context.raw.files:
        return NotShown("the log has the message only")
    gap = m.get("gap")  # "off -32+4 size 32": the fifth byte is the first that was never written
    register = m.get("reg")
    owner = _owner(context, register) if step else None
    frame = _frame(context, step, owner.frame) if step and owner else None
    variable = context.called(register)
    read = Read(start, size, owner, variable if owner is step else None)
    row = _row(context, frame, read, gap if isinstance(gap, int) else None)

    def letter(offset: int) -> str:
        return row[offset - start] if 0 <= offset - start < size else _printed(frame, offset)

    if step is not None and _only_fills(step):
        outcome: Outcome | None = Outcome.OUTPUT
    elif isinstance(gap, int) and _is_stored(context, read, start + gap):
        outcome, row = Outcome.STORED, row[:gap] + "w" + row[gap + 1 :]
    else:
        outcome = None
    facts = StackBytes(
        start=start,
        size=size,
        row=row,
        gap=gap if isinstance(gap, int) else 0,
        variable=variable,
        object=drawn(context, read, letter),
        declaration=declaration(context, read),
        cause=step,
        why=Loss.NEVER,
        registers=(register,) if isinstance(register, str) else (),
        category=Category.CALL if _is_argument(context) else None,
        layer=Layer.LIMIT if outcome is not None else None,
        layer_shown=outcome is not Outcome.STORED,
        settled=outcome is not None,
        callee=(step.insn.callee if step is not None else None) or "the helper",
    )
    return Found(outcome or _outcome(facts, isinstance(gap, int)), facts)


def _only_fills(step: Step) -> bool:
    """Whether the called helper reads no memory of the program: today such a buffer need not be set."""
    helper = helpers.every().get(step.insn.callee or "") if step.insn.op is Op.CALL else None
    if helper is None or not helper.written:
        return False
    memory = [at for at, kind in enumerate(helper.args, 1) if kind.startswith("PTR_TO_M")]
    return set(memory) <= set(helper.written)


def _is_stored(context: Context, read: Read, offset: int) -> bool:
    """Whether an instruction of the path stores the byte that is passed to a helper."""
    step = context.step
    if step is None or read.step is None or step.insn.op is not Op.CALL or _is_poisoned(context):
        return False
    found = slice_of_slot(context.trace, read.step, offset - offset % 8, 8, Budget.COMPARISONS).value
    return any(
        each.wanted_by is None
        and each.how in (How.SPILL, How.CONSTANT)
        and isinstance(each.place, StackPlace)
        and each.place.offset <= offset < each.place.offset + (each.step.insn.size or 0)
        for each in found
    )


def _is_poisoned(context: Context) -> bool:
    """Whether the verifier took the store out: "slot poisoned by dead code elimination"."""
    return "poisoned" in context.finding.block.lines[0]


def _outcome(facts: StackBytes, names_a_byte: bool) -> Outcome:
    if facts.missing and facts.object.name:
        if any(part.kind is not PartKind.PADDING for part in facts.missing):
            return Outcome.MEMBERS_LEFT
        return Outcome.PADDING_LEFT if len(facts.missing) == 1 else Outcome.PADDINGS_LEFT
    if not names_a_byte:
        return Outcome.NOTHING_WRITTEN
    return Outcome.START_WRITTEN if facts.gap else Outcome.START_MISSING


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
        made = [each.step.frame for each in slice_of(context.trace, step, register).value]
        number = made[-1] if made else number
    at: Step | None = step
    for _ in range(Budget.OBJECT):
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
