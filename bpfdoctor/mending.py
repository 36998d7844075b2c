"""Tries the patches of what is refused: compiles and loads them, runs them, and puts them together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from bpfdoctor import pipeline
from bpfdoctor.experiments import patches, witness
from bpfdoctor.experiments.blame import by_running
from bpfdoctor.experiments.patches import Mended
from bpfdoctor.experiments.steps import Loaded
from bpfdoctor.machine.concrete.program import Program
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Fix, Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, RawReport, Verdict

_RUN_SECONDS = 0.6  # of CPU, for looking for an input with which a program goes wrong
_BTF = Path("/sys/kernel/btf/vmlinux")


def tried(
    path: Path, options: CaptureOptions, raws: Sequence[RawReport], reports: Sequence[Report], seconds: float
) -> list[Report]:
    """The reports on what was captured, with what became of each patch that there was time for."""
    start, texts = _loaded(raws, reports), _texts(raws)
    workshop = _Workshop(path, options, texts)
    seen = [_with_witness(report, start.object, workshop) for report in start.reports]
    told = patches.tried(replace(start, reports=seen), texts, workshop, seconds)
    return pipeline.blamed(path, options, raws, told)


def _with_witness(report: Report, elf: bytes, workshop: _Workshop) -> Report:
    """The report with an input that its refused program goes wrong with, where one is found."""
    last = report.diagnoses[-1] if report.diagnoses else None
    if last is None or report.verdict is not Verdict.REFUSED or report.program is None:
        return report
    step = last.finding.step
    refused = last.insn if last.insn is not None else step.insn.index if step is not None else None
    program = workshop.runnable(elf, report.program.name or "")
    if program is None or refused is None:
        return report
    told = by_running(last, witness.search(program, refused, _RUN_SECONDS))
    return replace(report, diagnoses=(*report.diagnoses[:-1], told))


def mend(path: Path, options: CaptureOptions, seconds: float, unsafe: bool) -> Mended:
    """The file with every patch that loads, written nowhere. Raises Problem."""
    from bpfdoctor import capture

    raws = capture.check(path, options)
    start, texts = _loaded(raws, pipeline.diagnosed(raws)), _texts(raws)
    return patches.mended(start, texts, _Workshop(path, options, texts), seconds, unsafe)


def runnable(elf: bytes, program: str, options: CaptureOptions) -> Program | None:
    """A program of an object for the concrete machine; None where libbpf can't prepare it here."""
    from bpfdoctor.capture import record
    from bpfdoctor.experiments import recorded

    if not elf or not program:
        return None
    calls = record.calls_of(elf, replace(options, programs=(program,))).get(program)
    if calls is None:
        return None
    types = _BTF.read_bytes() if _BTF.exists() else b""
    return next(iter(recorded.programs(calls, types)), None)


def _texts(raws: Sequence[RawReport]) -> Mapping[str, str]:
    return {file.path: file.text for raw in raws for file in raw.files}


def _loaded(raws: Sequence[RawReport], reports: Sequence[Report]) -> Loaded:
    elf = next((raw.object for raw in raws if raw.object and not raw.flavour.is_bcc), None)
    return Loaded(reports, elf or b"")


class _Workshop:
    """Compiles and loads the file with other texts, which are written nowhere."""

    def __init__(self, path: Path, options: CaptureOptions, texts: Mapping[str, str]) -> None:
        self._path, self._options, self._texts = path, options, texts
        # Clang names a file of its virtual file system by the whole path.
        self._names = {os.path.abspath(name): name for name in texts}
        self.runnable = lru_cache(maxsize=8)(partial(runnable, options=options))
        # The patch that is taken has been tried, and two programs of a file may offer the same one.
        self._known: dict[tuple[tuple[str, str], ...], Loaded] = {}

    def candidates(self, refused: Diagnosis, texts: Mapping[str, str]) -> Iterator[Sequence[Fix]]:
        """See patches.Workshop."""
        from bpfdoctor.fixes import search

        return search.candidates(refused, texts)

    def loaded(self, texts: Mapping[str, str]) -> Loaded:
        """See patches.Workshop."""
        edited = {
            whole: text for whole, name in self._names.items() if (text := texts[name]) != self._texts[name]
        }
        key = tuple(edited.items())
        if key not in self._known:
            self._known[key] = self._asked(edited)
        return self._known[key]

    def _asked(self, edited: Mapping[str, str]) -> Loaded:
        from bpfdoctor import capture

        try:
            raws = capture.check(self._path.absolute(), replace(self._options, edited=edited))
        except Problem:  # as it is then, it cannot be loaded at all
            return Loaded(())
        found = _loaded(raws, pipeline.diagnosed(raws))
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
