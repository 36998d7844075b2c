"""What one line of a verifier log can be: a small frozen value for every kind of line.

They are named tuples and no dataclasses because they are made at every start: 15 of these cost 1 ms, as
frozen dataclasses 11 ms. Ask for their class, not for equality: two kinds with equal fields are equal tuples.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bpfdoctor.model.report import Stats
from bpfdoctor.model.trace import Comment, FrameState, Insn


class InsnLine(NamedTuple):
    """An instruction the verifier walked.

    `printed` is the state after ";". `next_index`/`next_state` are what is glued on when another branch was
    taken up at level 1: "15: (55) if r1 != 0x7 goto pc+1 17: R0=…"; `message` when that was refused at once:
    "59: (a5) if r9 < 0x4 goto pc-5 infinite loop detected at insn 55".
    """

    insn: Insn
    printed: FrameState | None = None
    next_index: int | None = None
    next_state: FrameState | None = None
    message: str = ""


class StateLine(NamedTuple):
    """A state on a line of its own; `at` is the instruction it stands before, when printed."""

    at: int | None
    state: FrameState


class FromLine(NamedTuple):
    """The verifier takes up the branch of instruction `source` that goes to `target` (or returns there)."""

    source: int
    target: int
    speculative: bool = False
    safe: bool = False
    state: FrameState | None = None


class SafeLine(NamedTuple):
    """This path reached a state that is known to be fine; it ends before instruction `at`."""

    at: int


class CommentLine(NamedTuple):
    comment: Comment


class CallSide(StrEnum):
    """Whose state a line about a call announces."""

    CALLER = "caller"
    CALLEE = "callee"
    RETURNING = "returning"
    TO_CALLER = "to_caller"


class CallLine(NamedTuple):
    """`target` is where the caller goes on."""

    side: CallSide
    target: int | None = None
    state: FrameState | None = None


class PrecisionLine(NamedTuple):
    """The verifier walks back to mark scalars precise; nothing is executed here."""

    text: str


class TableLine(NamedTuple):
    """A row or heading of the tables printed before the run; its instructions are not executed."""

    text: str


class StatsLine(NamedTuple):
    stats: Stats


class RemarkLine(NamedTuple):
    """Something the verifier notes that is, by itself, no refusal."""

    text: str


class ReportLine(NamedTuple):
    """The first line of the report that Linux prints since 7.3."""

    text: str


class BlankLine(NamedTuple):
    pass


class MessageLine(NamedTuple):
    """The verifier speaks."""

    text: str


class UnknownLine(NamedTuple):
    """Begins like a line we know and goes on like none."""

    text: str


Line = (
    InsnLine
    | StateLine
    | FromLine
    | SafeLine
    | CommentLine
    | CallLine
    | PrecisionLine
    | TableLine
    | StatsLine
    | RemarkLine
    | ReportLine
    | BlankLine
    | MessageLine
    | UnknownLine
)
