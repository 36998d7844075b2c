"""The same programs before several kernels and with several sets of capabilities: capture once, ask each."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bpfdoctor import all_kernels, capture, mending, other_kernels, pipeline
from bpfdoctor.experiments.patches import Excuse, Mended
from bpfdoctor.experiments.steps import Loaded
from bpfdoctor.lab import cases as lab_cases
from bpfdoctor.lab import kernels as lab_kernels
from bpfdoctor.lab import pool
from bpfdoctor.lab.printed import printed
from bpfdoctor.lab.reasons import not_possible
from bpfdoctor.lab.recording import Recording, for_guests
from bpfdoctor.lab.results import Loaded as GuestLoaded
from bpfdoctor.lab.results import Lost, Request, Result, replayed_reports, reports
from bpfdoctor.lints.reported import Lints
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import MENDABLE, CaptureOptions, Kernel, RawReport, Stage, Verdict

HOST = "host"
# Bytes of a log at level 1; level 2 of a longer one is a hundred megabytes of precision marks.
_LONG = 400_000


@dataclass(frozen=True, slots=True)
class _Program:
    """What one file compiled to: an object, or what BCC would load (its object is for explaining only)."""

    path: Path
    captured: tuple[RawReport, ...]
    recording: Recording | None

    @property
    def recorded(self) -> tuple[RawReport, ...]:
        """Of what was captured that which guests are asked about."""
        return tuple(raw for raw in self.captured if raw.recording is not None)

    @property
    def object(self) -> bytes | None:
        loadable = (raw.object for raw in self.captured if not raw.flavour.is_bcc)
        return next((code for code in loadable if code is not None), None)


def check(
    paths: Sequence[Path],
    options: Callable[[Path], CaptureOptions],
    kernels: Sequence[str],
    capabilities: Sequence[str],
    progress: Callable[[str], None],
    seconds: float = 0,
    lints: Callable[[], Lints] | None = None,
) -> Iterator[tuple[Path, list[Report] | Exception]]:
    """For each file its reports, one per program, kernel and capability set; or what kept it from that.

    `options` are those of a file, `kernels` versions, paths or "all", and "host" for the running kernel.
    `seconds` of CPU are for trying patches, which all of them must accept; 0: none is tried. `lints` look at
    the programs of one file that load. Raises Problem where no kernel can be asked at all.
    """
    with on_kernels(kernels, capabilities, progress) as asked:
        for path in paths:
            try:
                told = asked.check(path, options(path), seconds, lints)
            except Exception as error:  # a bug in one file's answer must not cost the other files theirs
                yield path, error
            else:
                yield path, told


@contextmanager
def on_kernels(
    kernels: Sequence[str], capabilities: Sequence[str], progress: Callable[[str], None]
) -> Iterator[OnKernels]:
    """Several kernels, which stay warm, as one. Raises Problem."""
    found = lab_kernels.resolve([word for word in kernels if word != HOST], progress)
    with pool.Lab(progress) if found else _Nothing() as lab:
        yield OnKernels(lab, found, HOST in kernels, capabilities)


@dataclass(frozen=True, slots=True)
class OnKernels:
    """Asks several kernels, with several sets of capabilities, about a file."""

    lab: pool.Lab | None
    kernels: Sequence[lab_kernels.LabKernel]
    host: bool
    capabilities: Sequence[str]

    def shared(self, copies: int) -> int:
        """How many copies of this process can ask them side by side, each with guests of its own."""
        return self.lab.shared(self.kernels, copies) if self.lab is not None else copies

    def check(
        self,
        path: Path,
        options: CaptureOptions,
        seconds: float,
        lints: Callable[[], Lints] | None = None,
    ) -> list[Report]:
        """A report for each program, kernel and set of capabilities, with the patches that all accept."""
        raws, told = self._asked(path, options)
        if seconds and any(report.verdict in MENDABLE for report in told):
            tried = mending.all_tried(self._before(path, options, raws, told), seconds)
            told = all_kernels.with_fixes(told, tried)
        told = other_kernels.compared(told)
        return lints().all_added(raws, told) if lints is not None else told

    def mend(
        self, path: Path, options: CaptureOptions, seconds: float, unsafe: bool, excuse: Excuse = list
    ) -> Mended:
        """The file with every patch that all the kernels load, written nowhere. Raises Problem."""
        before = self._before(path, options, *self._asked(path, options))
        return mending.mended(before, seconds, unsafe, excuse)

    def _before(
        self, path: Path, options: CaptureOptions, raws: Sequence[RawReport], told: Sequence[Report]
    ) -> mending.Asked:
        return mending.Asked(path, options, _as_one(raws, told), mending.texts_of(raws), self._ask)

    def _ask(self, path: Path, options: CaptureOptions, wanted: str) -> Loaded:
        return _as_one(*self._asked(path, options))

    def _asked(self, path: Path, options: CaptureOptions) -> tuple[list[RawReport], list[Report]]:
        raws: list[RawReport] = []
        told: list[Report] = []
        if self.host:
            for name in self.capabilities:
                asked = replace(options, capabilities=name)
                here = pipeline.for_steps(capture.check(path, asked), asked)
                found = pipeline.diagnosed(here)
                raws += here
                told += found if options.edited else pipeline.blamed(path, asked, here, found)
        if self.lab is not None:
            captured, reports = _in_guests(self.lab, path, options, self.kernels, self.capabilities)
            raws += captured
            told += reports
        return raws, told


def _as_one(raws: Sequence[RawReport], told: Sequence[Report]) -> Loaded:
    return Loaded(all_kernels.as_one(told), mending.object_of(raws))


class _Nothing:
    """Stands in for the lab where only the host is asked."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _in_guests(
    lab: pool.Lab,
    path: Path,
    options: CaptureOptions,
    kernels: Sequence[lab_kernels.LabKernel],
    capabilities: Sequence[str],
) -> tuple[Sequence[RawReport], list[Report]]:
    """(what was captured, what they say of it)"""
    program = _compiled(path, options)
    if program.object is None and program.recording is None:
        return program.captured, pipeline.diagnosed(program.captured)
    requests = [_request(program, options, name) for name in capabilities]
    not_asked = [raw for raw in program.captured if raw not in program.recorded and program.recording]
    told: list[Report] = []
    for result in lab.run(kernels, requests):
        told += _explained(result, program, options)
    if len(kernels) == len(capabilities) == 1 and not options.edited:  # several tell enough by themselves
        told = _tried(lab, program, replace(options, capabilities=capabilities[0]), kernels[0], told)
    return program.captured, [*pipeline.diagnosed(not_asked), *told]


def _tried(
    lab: pool.Lab,
    program: _Program,
    options: CaptureOptions,
    kernel: lab_kernels.LabKernel,
    told: list[Report],
) -> list[Report]:
    """One kernel's reports, with what it makes of the source compiled otherwise, and newer kernels of it."""
    if not options.experiments or all(report.verdict is not Verdict.REFUSED for report in told):
        return told
    from bpfdoctor.capture.variants import Variants
    from bpfdoctor.lab.ready import NewerKernels

    def load(elf: bytes, programs: Sequence[str]) -> Sequence[RawReport]:
        wanted = replace(options, programs=tuple(programs))
        [result] = lab.run(
            [kernel],
            [_request(replace(program, captured=(replace(raw, object=elf),)), wanted, options.capabilities)],
        )
        return reports(result, replace(raw, verdict=Verdict.UNKNOWN, program=None))

    raw = program.captured[0]
    compilers = None
    if raw.compile_command and program.recording is None:
        compilers = Variants(program.path, raw.compile_command, options, load, kernel.version)
    names = [each.program.name or "" for each in program.recorded if each.program]
    newer = NewerKernels(kernel.version, options, lab, program.recording, names)
    return pipeline.asked_otherwise(told, program.captured, compilers, newer)


def _compiled(path: Path, options: CaptureOptions) -> _Program:
    """Compiles once; BCC's loads are recorded, an object's are left to the guests."""
    if not capture.is_bcc(path, options):
        return _Program(path, tuple(capture.check(path, replace(options, load=False))), None)
    captured = tuple(capture.check(path, replace(options, recorded=True)))
    calls = b"".join(dict.fromkeys(raw.recording for raw in captured if raw.recording))
    return _Program(path, captured, for_guests(calls) if calls else None)


def _request(program: _Program, options: CaptureOptions, capabilities: str) -> Request:
    return Request(
        program.object or b"",
        recording=program.recording,
        name=program.path.name.split(".")[0],
        program=options.programs[0] if len(options.programs) == 1 else None,
        levels=(2 if options.all_paths else 1,),
        always=options.all_paths,
        capabilities=capabilities,
        prog_type=options.prog_type,
        settings=True,
        seconds=options.load_seconds,
    )


def _told(result: Result, program: _Program) -> list[tuple[RawReport, GuestLoaded | Lost]]:
    """What one kernel said of each program, as a report and as the lab's own answer."""
    if program.recording is not None:
        raws = replayed_reports(result, program.recorded)
    else:
        raws = reports(result, replace(program.captured[0], verdict=Verdict.UNKNOWN, program=None))
        raws = [_with_assumed(raw, program) for raw in raws]
    return list(zip(raws, result.programs, strict=False))


def _with_assumed(raw: RawReport, program: _Program) -> RawReport:
    """The report, with what was taken for granted about the program's type."""
    named = [each.program for each in program.captured if each.program and raw.program]
    assumed = [
        each.assumed for each in named if each.assumed and raw.program and each.name == raw.program.name
    ]
    return replace(raw, notes=(*raw.notes, *assumed[:1]))


def _unanswered(told: Sequence[RawReport], result: Result, program: _Program) -> Iterator[RawReport]:
    """A report for each program that the kernel said nothing of: no cell of the table stays empty."""
    names = {raw.program.name for raw in told if raw.program}
    whole = next((raw for raw in told if raw.program is None), None)
    if whole is not None and whole.verdict is not Verdict.NO_ANSWER:
        return  # it could not read the object, and that is its answer
    kernel = Kernel(result.kernel.version, result.request.capabilities)
    why = whole.no_answer if whole else f"On kernel {kernel.release}: the guest said nothing about it."
    for raw in program.captured:
        if raw.program and raw.program.name not in names:
            yield replace(raw, verdict=Verdict.NO_ANSWER, no_answer=why, kernel=kernel, stage=Stage.LOADER)


def _explained(result: Result, program: _Program, options: CaptureOptions) -> Iterator[Report]:
    """The reports of one kernel, each with the reason where it is the kernel that lacks something."""
    told = _told(result, program)
    for raw, entry in told:
        if options.programs and raw.program and raw.program.name not in options.programs:
            continue
        if raw.program is None and raw.verdict is Verdict.NO_ANSWER:
            continue  # told of each program below
        why = not_possible(entry, result.kernel) if isinstance(entry, GuestLoaded) else None
        for report in pipeline.diagnosed(pipeline.for_steps([raw], options)):
            yield replace(report, not_possible=why or "")
    for raw in _unanswered([raw for raw, _ in told], result, program):
        yield from pipeline.diagnose(raw)


@dataclass(frozen=True, slots=True)
class Captured:
    """Of one case: verdicts by kernel, logs of the refusals at levels 1 and 2, and what BCC made of it."""

    verdicts: dict[str, dict[str, object]]
    logs: dict[str, bytes]
    bcc: tuple[RawReport, ...]


def capture_logs(
    cases: Sequence[Path], kernels: Sequence[str], progress: Callable[[str], None]
) -> Iterator[tuple[Path, Captured]]:
    """For each case of the corpus what there is to store of it."""
    found = lab_kernels.resolve(list(kernels), progress)
    with pool.Lab(progress) as lab:
        for case in cases:
            path = lab_cases.program(case)
            if path is None:
                continue
            settings = tomllib.loads((case / "case.toml").read_text())
            options = CaptureOptions(
                clang=f"clang-{settings['clang']}" if "clang" in settings else None,
                cflags=tuple(settings.get("cflags", ())),
                prog_type=settings.get("prog_type"),
                capabilities=settings.get("capabilities", "full"),
                environment=dict(os.environ),
            )
            try:
                yield case, _captured(lab, path, options, found)
            except Problem as problem:
                progress(f"{case}: {problem.sentence}")


def _captured(
    lab: pool.Lab, path: Path, options: CaptureOptions, kernels: Sequence[lab_kernels.LabKernel]
) -> Captured:
    program = _compiled(path, options)
    bcc = program.captured if capture.is_bcc(path, options) else ()
    verdicts: dict[str, dict[str, object]] = {}
    logs: dict[str, bytes] = {}
    if program.object is None and program.recording is None:
        raw = program.captured[0]
        name = (raw.compiler or "compiler").replace(" ", "-")
        verdicts[name] = _said(raw, None)
        logs[f"{name}-l1"] = bytes(raw.data)
        return Captured(verdicts, logs, bcc)
    request = _request(program, options, options.capabilities)
    results = lab.run(kernels, [request])
    if all(len(log) < _LONG for result in results for log in _logs_of(result)):
        results = lab.run(kernels, [replace(request, levels=(1, 2))])
    for result in results:
        told = _told(result, program)
        refused = [each for each in told if each[0].verdict is not Verdict.LOADS]
        raw, entry = (refused or told)[0]
        if raw.verdict is Verdict.NO_ANSWER:
            continue  # no verdict in time: this says nothing of the kernel
        kernel = result.kernel.version
        verdicts[kernel] = _said(
            raw, not_possible(entry, result.kernel) if isinstance(entry, GuestLoaded) else None
        )
        if len(bcc) > 1 and raw.program:
            verdicts[kernel]["program"] = raw.program.name
        if raw.verdict is not Verdict.LOADS:
            logs |= {f"{kernel}-l{level}": text for level, text in _printed(raw, entry, program)}
    return Captured(verdicts, logs, bcc)


def _printed(raw: RawReport, entry: GuestLoaded | Lost, program: _Program) -> Iterator[tuple[int, bytes]]:
    """What the corpus keeps of a refusal, by log level: a text as its loader prints it."""
    if isinstance(entry, Lost):
        yield 1, bytes(raw.data)
        return
    bcc = program.recording is not None
    yield 1, printed(entry, bcc=bcc)
    if level2 := entry.at(2):
        yield 2, printed(entry, level2, bcc=bcc)


def _logs_of(result: Result) -> Iterator[bytes]:
    for entry in result.programs:
        if isinstance(entry, GuestLoaded):
            yield from entry.logs.values()


def _said(raw: RawReport, why: str | None) -> dict[str, object]:
    report = pipeline.diagnose(raw)[-1]
    said: dict[str, object] = {"verdict": report.verdict.value}
    if report.diagnoses:
        last = report.diagnoses[-1]
        said["rule"] = last.rule
        if last.location:
            said["line"] = last.location.line
    if why:
        said["not_possible"] = why
    return said
