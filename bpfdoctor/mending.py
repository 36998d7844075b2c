"""Tries the patches of what is refused: compiles and loads them, runs them, and puts them together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from bpfdoctor import pipeline
from bpfdoctor.experiments import patches, witness
from bpfdoctor.experiments.blame import by_running
from bpfdoctor.experiments.failures import Failures
from bpfdoctor.experiments.patches import Mended
from bpfdoctor.experiments.steps import Group, Loaded
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import CaptureOptions, RawReport, Verdict

_RUN_SECONDS = 0.6  # of CPU, for looking for an input with which a program goes wrong
_BTF = Path("/sys/kernel/btf/vmlinux")


@dataclass(frozen=True, slots=True)
class Asked:
    """A file before its kernels: what became of it, the texts it is made of, and how to ask again.

    `ask` may tell nothing where the program of that name does not load. `identity`: all that its answers
    depend on, beside the file; "" where that is not known.
    """

    path: Path
    options: CaptureOptions
    start: Loaded
    texts: Mapping[str, str]
    ask: Callable[[Path, CaptureOptions, str], Loaded]  # raises Problem
    identity: str = ""


def tried(
    path: Path, options: CaptureOptions, raws: Sequence[RawReport], reports: Sequence[Report], seconds: float
) -> list[Report]:
    """The reports on what was captured here, with what became of each patch that there was time for."""
    return pipeline.blamed(path, options, raws, all_tried(_here(path, options, raws, reports), seconds))


def mend(
    path: Path, options: CaptureOptions, seconds: float, unsafe: bool, excuse: patches.Excuse = list
) -> Mended:
    """The file with every patch that loads here, written nowhere. Raises Problem."""
    from bpfdoctor import capture

    raws = capture.check(path, options)
    done = mended(_here(path, options, raws, pipeline.diagnosed(raws)), seconds, unsafe, excuse)
    if done.applied:  # what is on the disk is another program than the one that is left
        return done
    return replace(done, left=pipeline.blamed(path, options, raws, done.left))


def all_tried(asked: Asked, seconds: float) -> list[Report]:
    """The reports of what was asked, with what became of each patch that there was time for."""
    workshop = _Workshop(asked)
    seen = [_with_witness(report, asked.start.object, workshop) for report in asked.start.reports]
    told = patches.tried(replace(asked.start, reports=seen), asked.texts, workshop, seconds)
    workshop.failures.save()
    return told


def mended(asked: Asked, seconds: float, unsafe: bool, excuse: patches.Excuse = list) -> Mended:
    """The file with every patch that loads where it was asked about; without `unsafe` the safe ones."""
    workshop = _Workshop(asked)
    done = patches.mended(asked.start, asked.texts, workshop, seconds, unsafe, excuse)
    workshop.failures.save()
    return done


def _with_witness(report: Report, elf: bytes, workshop: _Workshop) -> Report:
    """The report with an input that its refused program goes wrong with, where one is found."""
    last = report.diagnoses[-1] if report.diagnoses else None
    if last is None or report.verdict is not Verdict.REFUSED or report.program is None:
        return report
    refused = refused_slot(last)
    program = workshop.runnable(elf, report.program.name or "")
    if program is None or refused is None:
        return report
    found = witness.search(program, refused, _RUN_SECONDS, length=_length_of_zero(last))
    told = by_running(last, found)
    return replace(report, diagnoses=(*report.diagnoses[:-1], told))


def _length_of_zero(refused: Diagnosis) -> int | None:
    """The register of a length that may not be 0, where that is what was refused."""
    named = refused.finding.captures.get("reg") if refused.rule == "zero-sized-read" else None
    return int(named[1:]) if isinstance(named, str) and named[1:].isdigit() else None


def refused_slot(refused: Diagnosis) -> int | None:
    """The instruction that was refused; None where the log shows none."""
    step = refused.finding.step
    return refused.insn if refused.insn is not None else step.insn.index if step is not None else None


def runnable(elf: bytes, program: str, options: CaptureOptions) -> Runnable | None:
    """A program of an object for the concrete machine; None where libbpf can't prepare it here."""
    return of_calls(recorded_calls(elf, program, options))


def recorded_calls(elf: bytes, program: str, options: CaptureOptions) -> bytes | None:
    """What libbpf would ask of a kernel for a program; None where it can't prepare it here."""
    from bpfdoctor.capture import record

    if not elf or not program:
        return None
    return record.calls_of(elf, replace(options, programs=(program,))).get(program)


def of_calls(calls: bytes | None) -> Runnable | None:
    """The program of recorded calls for the concrete machine."""
    from bpfdoctor.experiments import recorded

    return next(iter(recorded.programs(calls, _types())), None) if calls is not None else None


@lru_cache(maxsize=1)
def _types() -> bytes:
    """The running kernel's BTF, megabytes that each program of a file needs."""
    return _BTF.read_bytes() if _BTF.exists() else b""


def _here(path: Path, options: CaptureOptions, raws: Sequence[RawReport], reports: Sequence[Report]) -> Asked:
    kernel, compiler = os.uname(), next((raw.compile_command for raw in raws if raw.compile_command), ())
    rights = next((raw.kernel.capabilities for raw in raws if raw.kernel), None)
    identity = repr((kernel.release, kernel.version, rights, compiler, options.prog_type))
    start = Loaded(reports, object_of(raws))
    return Asked(path, options, start, texts_of(raws), _ask_here, identity)


def _ask_here(path: Path, options: CaptureOptions, wanted: str) -> Loaded:
    from bpfdoctor import capture

    raws = capture.check(path, options)
    if wanted and not any(
        raw.program and (raw.program.name, raw.verdict) == (wanted, Verdict.LOADS) for raw in raws
    ):
        known = all(raw.verdict in (Verdict.REFUSED, Verdict.NOT_COMPILED, Verdict.LOADS) for raw in raws)
        return Loaded((), is_known=known)
    return Loaded(pipeline.diagnosed(raws), object_of(raws))


def object_of(raws: Sequence[RawReport]) -> bytes:
    """What was compiled; nothing where BCC did."""
    return next((raw.object for raw in raws if raw.object and not raw.flavour.is_bcc), None) or b""


def texts_of(raws: Sequence[RawReport]) -> Mapping[str, str]:
    """The user's files by name."""
    return {file.path: file.text for raw in raws for file in raw.files}


class _Workshop:
    """Compiles and loads the file with other texts, which are written nowhere."""

    def __init__(self, asked: Asked) -> None:
        self._asked, self._texts = asked, asked.texts
        # Clang names a file of its virtual file system by the whole path.
        self._names = {os.path.abspath(name): name for name in asked.texts}
        self.runnable = lru_cache(maxsize=8)(partial(runnable, options=asked.options))
        # The patch that is taken has been tried, and two programs of a file may offer the same one.
        self._known: dict[tuple[tuple[str, str], ...], Loaded] = {}
        self.failures = Failures(asked.identity, asked.start.object)

    def candidates(self, refused: Diagnosis, texts: Mapping[str, str]) -> Iterator[Group]:
        """See patches.Workshop."""
        from bpfdoctor.fixes import search

        return search.candidates(refused, texts)

    def loaded(self, texts: Mapping[str, str], wanted: str = "") -> Loaded:
        """See patches.Workshop."""
        edited = {
            whole: text for whole, name in self._names.items() if (text := texts[name]) != self._texts[name]
        }
        key = tuple(edited.items())
        if key in self._known:
            return self._known[key]
        if wanted and self.failures.has(edited, wanted):
            return Loaded(())
        found = self._ask(edited, wanted)
        if found.reports or not wanted:
            self._known[key] = found
        elif found.is_known:
            self.failures.add(edited, wanted)
        return found

    def _ask(self, edited: Mapping[str, str], wanted: str) -> Loaded:
        options = replace(self._asked.options, edited=edited)
        try:
            found = self._asked.ask(self._asked.path.absolute(), options, wanted)
        except Problem:  # as it is then, it cannot be loaded at all
            return Loaded(())
        return replace(found, reports=[self._renamed(report) for report in found.reports])

    def _renamed(self, report: Report) -> Report:
        """The report with the edits of its patches in the files as the user named them."""
        return replace(report, diagnoses=tuple(map(self._with_names, report.diagnoses)))

    def _with_names(self, diagnosis: Diagnosis) -> Diagnosis:
        fixes = []
        for fix in diagnosis.fixes:
            edits, *instead = (self._named(way) for way in (fix.edits, *fix.instead))
            fixes.append(replace(fix, edits=edits, instead=tuple(instead)))
        return replace(diagnosis, fixes=tuple(fixes))

    def _named(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        return tuple(replace(edit, file=self._names.get(edit.file, edit.file)) for edit in edits)
