"""What is asked of the lab, and what came of it: plain values, and their way into the model's RawReports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bpfdoctor import statistics
from bpfdoctor.lab.frames import Reply, Status, Tag
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.recording import Recording
from bpfdoctor.model.report import Kernel, Program, RawReport, Stage, Stats, Verdict


@dataclass(frozen=True, slots=True)
class Request:
    """One object or recording, to be loaded with one set of capabilities.

    `levels`: log levels (1, 2) wanted of a refusal. For a recording, `object` is empty and `program` and
    `prog_type` count for nothing: they were settled when it was made.
    """

    object: bytes = field(repr=False)
    recording: Recording | None = field(default=None, repr=False)
    name: str = "program"  # libbpf names the object so in its messages
    program: str | None = None  # only this one; None: all
    levels: tuple[int, ...] = (1,)
    always: bool = False  # the logs of programs that load, too
    capabilities: str = "full"
    prog_type: str | None = None  # instead of what the section says: "xdp", "fentry/do_unlinkat"
    settings: bool = False  # sizes of maps and types of sections as other loaders than libbpf set them
    seconds: float = 60  # the longest one program may take


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one kernel said of one program."""

    program: Program
    verdict: Verdict
    errno: int | None
    stats: Stats
    logs: dict[int, bytes] = field(repr=False)  # by level: 4 always, 1 and 2 as asked for
    cut: frozenset[int] = frozenset()  # levels whose log did not fit
    traced: bool = True  # False: the guest was lost, or time was up, while the trace was written
    messages: bytes = b""  # libbpf's
    capabilities: str = "full"
    map_type: int | None = None  # enum bpf_map_type of the map that could not be created
    helper: int | None = None  # the highest number of a helper it calls

    @property
    def insns(self) -> int | None:
        """Instructions that the verifier processed."""
        return self.stats.processed

    @property
    def log(self) -> bytes:
        """The best log there is."""
        return self.at(1) or self.at(2) or self.at(4)

    def at(self, level: int) -> bytes:
        """The log at one level; b"" when there is none.

        A log that did not fit lacks its end before 6.4; the message is then taken from level 4.
        """
        log = self.logs.get(level, b"")
        if level in self.cut and b"\nprocessed " not in log[-4096:]:
            return log + b"\n" + self.logs.get(4, b"")
        return log


class NoVerdict(StrEnum):
    """Why a guest has no verdict."""

    PANIC = "panic"  # the guest's kernel died of the program
    TIMEOUT = "timeout"
    OBJECT = "object"  # libbpf can't read the object
    DIED = "died"  # the process that loaded it died
    LAB = "lab"  # the kernel could not be started


@dataclass(frozen=True, slots=True)
class Lost:
    """A program, or a whole object, without a verdict. `console` is what a dead guest printed."""

    failure: NoVerdict
    sentence: str
    program: str | None = None
    ways_out: tuple[str, ...] = ()
    console: str = field(default="", repr=False)
    messages: bytes = b""
    errno: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request on one kernel: one entry per program, in the object's order."""

    kernel: LabKernel
    request: Request
    programs: tuple[Loaded | Lost, ...]
    seconds: float


def loaded(frame: Reply, capabilities: str = "full") -> Loaded:
    """What an answer about one program says."""
    status = frame.number(Tag.STATUS, Status.NOT_LOADED)
    logs = {
        level: frame.fields[tag]
        for level, tag in ((4, Tag.LOG4), (1, Tag.LOG1), (2, Tag.LOG2))
        if tag in frame.fields
    }
    cut = frame.number(Tag.CUT)
    if status == Status.LOADS:
        verdict = Verdict.LOADS
    else:
        # refused without a word: the kernel did not let the verifier look at it
        spoke = status == Status.REFUSED and any(logs.values())
        verdict = Verdict.REFUSED if spoke else Verdict.NOT_LOADED
    return Loaded(
        program=Program(frame.text(Tag.NAME), frame.text(Tag.TYPE_NAME) or None, frame.text(Tag.SECTION)),
        verdict=verdict,
        errno=frame.number(Tag.ERRNO) or None,
        stats=statistics.of_log(logs.get(4, b"")),
        logs=logs,
        cut=frozenset(level for level in (1, 2, 4) if cut >> level & 1),
        messages=frame.fields.get(Tag.MESSAGES, b""),
        capabilities=capabilities,
        map_type=frame.number(Tag.MAP_TYPE) or None,
        helper=frame.number(Tag.HELPER) or None,
    )


def reports(result: Result, template: RawReport) -> list[RawReport]:
    """One RawReport per program: copies of `template`, which knows the source, with this kernel's verdict.

    The kernel is called by its own version ("5.10.218"): Debian's older releases hide it
    ("5.10.0-30-cloud-amd64").
    """
    kernel = Kernel(result.kernel.version, result.request.capabilities)
    return [_report(entry, replace(template, kernel=kernel), result) for entry in result.programs]


def replayed_reports(result: Result, templates: Sequence[RawReport]) -> list[RawReport]:
    """The same for a recording: `templates` are the reports of the capture that was recorded."""
    kernel = Kernel(result.kernel.version, result.request.capabilities)
    notes = _about_headers(result)
    found = []
    for entry, template in zip(result.programs, templates, strict=False):
        report = _report(entry, replace(template, kernel=kernel, notes=(*template.notes, *notes)), result)
        found.append(replace(report, program=template.program))
    return found


def _about_headers(result: Result) -> tuple[str, ...]:
    headers = result.request.recording.headers if result.request.recording else None
    if headers is None or headers == result.kernel.numbers[:2]:
        return ()
    return (
        f"Compiled with the kernel headers of {headers[0]}.{headers[1]}, loaded on {result.kernel.version}: "
        "where a structure changed between the two, the program reads something else than it names.",
    )


def _report(entry: Loaded | Lost, template: RawReport, result: Result) -> RawReport:
    if isinstance(entry, Lost):
        where = f"On kernel {result.kernel.version}: {entry.sentence}"
        lost = replace(
            template,
            data=entry.messages or entry.console.encode(),
            stage=Stage.LOADER,
            program=Program(entry.program) if entry.program else template.program,
            errno=entry.errno,
        )
        if entry.failure is NoVerdict.OBJECT:
            return replace(lost, verdict=Verdict.NOT_LOADED, notes=(*template.notes, where))
        return replace(lost, verdict=Verdict.NO_ANSWER, no_answer=where)
    notes = [*template.notes]
    if entry.cut:
        notes.append("The verifier's log is longer than the lab keeps: a part of it is missing.")
    if not entry.traced:
        notes.append("Writing the verifier's trace took too long, so only its message is here.")
    spoken = entry.verdict is Verdict.NOT_LOADED and entry.messages  # by the loader
    return replace(
        template,
        data=entry.messages if spoken else b"",
        log=None if spoken else entry.log,
        stage=Stage.LOADER if spoken else Stage.VERIFIER,
        verdict=entry.verdict,
        program=entry.program,
        errno=entry.errno,
        stats=entry.stats,
        notes=tuple(notes),
    )
