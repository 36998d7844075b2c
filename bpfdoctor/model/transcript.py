"""A report taken apart: which bytes are whose, where the error is, what was cut off."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.model.failure import Failure
from bpfdoctor.model.record import dataclass, field
from bpfdoctor.model.report import Buffer, RawReport, Stage, Stats


class Truncated(StrEnum):
    """Which end of a verifier log is missing."""

    NO = "no"
    HEAD = "head"  # the beginning is missing (rotated buffer, or pasted from the middle)
    TAIL = "tail"  # the end, and with it perhaps the message, is missing


class Level(StrEnum):
    """How bad the one who says it takes it to be."""

    ERROR = "error"
    FATAL = "fatal"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class KernelBlock:
    """One place of the kernel's own report (since 7.3): `func @ file:line:col` or `insn N`."""

    label: str  # error | update | branch | context | acquired | invalidated | spilled | released
    text: str  # what stands after the label, unwrapped
    function: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    insn: int | None = None


@dataclass(frozen=True, slots=True)
class KernelReport:
    """The report that Linux prints by itself since 7.3 (kernel/bpf/diagnostics.c)."""

    category: str
    problem: str
    reason: str
    at: KernelBlock | None = None
    lock: KernelBlock | None = None
    path: tuple[KernelBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorBlock:
    """What was said against one program: detail first, summary last.

    `lines` have no decoration (log prefixes, escapes) and no trailing newline. `insn` is the number of
    the last instruction the verifier printed before the message, None if there is none.
    """

    lines: tuple[str, ...]
    stage: Stage
    start: int = 0  # byte offsets in Transcript.text
    end: int = 0
    insn: int | None = None
    reports: tuple[KernelReport, ...] = ()
    errno: int | None = None  # when the loader printed one
    repeats: int = 1  # clang prints the same stack error once per access
    file: str | None = None  # compiler messages: where
    line: int | None = None
    column: int | None = None
    severity: Level = Level.ERROR
    function: str | None = None  # the C function a compiler names: in function f i32 (…)
    also: tuple[
        tuple[str | None, int | None, int | None], ...
    ] = ()  # (file, line, column) of the same once more
    context: tuple[str, ...] = ()  # compiler messages: source excerpt, caret, notes, the DAG
    failure: Failure | None = None  # a loader's line, taken apart
    detached: bool = False  # lines right before it were left out: it is about no step that is shown


@dataclass(frozen=True, slots=True)
class Transcript:
    """One program's (or one compilation's) share of a report.

    `text` is the cleaned buffer: the report's own data when nothing decorates it, otherwise a copy
    without prefixes, escapes and quoting. All offsets here count in `text`. `log_start`/`log_end` bound the
    verifier log proper (instructions, messages, statistics); both 0 when there is none.
    """

    raw: RawReport
    text: Buffer
    blocks: tuple[ErrorBlock, ...] = ()
    log_start: int = 0
    log_end: int = 0
    truncated: Truncated = Truncated.NO
    stats: Stats = field(default_factory=Stats)
    program: str | None = None  # name in the loader's frame lines: prog 'x': -- BEGIN PROG LOAD LOG --
    program_type: str | None = None
    succeeded: bool = False  # statistics without any rejection: the verifier has nothing to complain of
    loaded: str = ""  # the line in which a loader says that the program was loaded
    programs: int = 1  # more where very many of a text load: they are counted, not listed
    incomplete: str = ""  # what of a text was not read, and why: with nothing else found, that is no answer
