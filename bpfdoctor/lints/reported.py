"""From a file's programs to what `check` says of them beside the verdict: a line for each lint."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from bpfdoctor import lints
from bpfdoctor.formats.elf import Elf
from bpfdoctor.lints.program import Lint, Linted, Walks
from bpfdoctor.model.diagnosis import Diagnosis, Place, Report
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import RawReport, Verdict

if TYPE_CHECKING:
    from bpfdoctor.source import Source

_LOOKED_AT = (Verdict.LOADS, Verdict.NOT_ASKED)


class Lints:
    """Looks at the programs of one file. What several of them share is told of the first alone."""

    def __init__(self, wanted: Collection[str], oldest: str | None = None) -> None:
        self._wanted, self._oldest = wanted, oldest
        self._told: dict[tuple[str, Place | None], str | None] = {}
        self._of: tuple[bytes, Walks] | None = None

    def all_added(self, raws: Sequence[RawReport], reports: Sequence[Report]) -> list[Report]:
        """The reports, each with what is found in what was captured of its program."""
        by_name = {
            raw.program.name: raw for raw in raws if raw.program is not None and raw.object is not None
        }
        return [
            self.added(raw, report)
            if report.program is not None and (raw := by_name.get(report.program.name)) is not None
            else report
            for report in reports
        ]

    def added(self, raw: RawReport, report: Report) -> Report:
        """The report of a program that loads, or was only compiled, with what is found."""
        if report.verdict not in _LOOKED_AT or raw.object is None or raw.program is None:
            return report
        raw = replace(raw, verdict=report.verdict, stats=report.stats)
        program = self._program(raw, raw.object or b"")
        try:
            found = list(self._new(program)) if program is not None else []
        except (ValueError, struct.error):  # a damaged object, or none of this program
            return report
        if program is None or not found:
            return report
        diagnoses = tuple(_diagnoses(raw, program.source, found))
        files = {each.location.file for each in diagnoses if each.location}
        texts = {file: text for file in files if (text := program.source.text(file)) is not None}
        return replace(report, diagnoses=(*report.diagnoses, *diagnoses), sources={**texts, **report.sources})

    def _program(self, raw: RawReport, data: bytes) -> Linted | None:
        if self._of is None or self._of[0] != data:
            elf = Elf.read(data)
            if elf is None:
                return None
            self._of = data, Walks(elf)
        return Linted(raw, self._of[1], self._oldest)

    def _new(self, program: Linted) -> Iterator[Lint]:
        own = program.raw.program
        name = own.name if own is not None else None
        for lint in lints.look(program, self._wanted):
            key = lint.cause.rule, lint.cause.location
            if self._told.setdefault(key, name) == name or lint.cause.location is None:
                yield lint


def _diagnoses(raw: RawReport, source: Source, found: list[Lint]) -> Iterator[Diagnosis]:
    from bpfdoctor import catalogue, diagnosing
    from bpfdoctor.model.diagnosis import Finding
    from bpfdoctor.model.transcript import Transcript
    from bpfdoctor.own_finding import block_at
    from bpfdoctor.trace import Trace

    rules, part = catalogue.load(), Transcript(raw=raw, text=b"")
    for lint in found:
        at = lint.cause.location
        block = block_at(at, at.function if at else None)
        finding = Finding(lint.cause.rule, lint.cause.values, block)
        told = diagnosing.diagnosis_of(raw, part, finding, source, Trace(part), rules)
        fixes = tuple(replace(fix, edits=lint.edits, example=()) for fix in told.fixes)
        rule = rules.rule(lint.cause.rule)
        yield replace(told, location=at, severity=rule.severity, fixes=fixes, brief=True)
