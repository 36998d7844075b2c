"""Which findings are one cause at several places: it is told once."""

from __future__ import annotations

from collections.abc import Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Report
from bpfdoctor.model.preflight import PreflightReport
from bpfdoctor.model.report import Stage


def cause(report: Report, diagnosis: Diagnosis) -> object:
    """What makes two findings the same mistake at two places, or in two programs; None for nothing."""
    block, where = diagnosis.finding.block, diagnosis.location
    if (isinstance(report, PreflightReport) or diagnosis.of_hook) and diagnosis.has:
        # What a machine lacks keeps one program from firing like the other.
        return (report.source, diagnosis.rule, diagnosis.severity, diagnosis.wants, diagnosis.has)
    if where and block.stage is Stage.COMPILER:
        return (diagnosis.rule, diagnosis.severity, diagnosis.headline, where.file)
    if where is None and block.failure is not None and diagnosis.means:
        # A step that failed for one program after the other: what it means names none of them.
        failure = block.failure
        return (
            report.source,
            diagnosis.rule,
            failure.step,
            failure.errno,
            diagnosis.means,
            diagnosis.next_step,
        )
    if where is None and block.stage is Stage.LOADER and diagnosis.headline and report.program:
        return (report.source, diagnosis.rule, diagnosis.severity, diagnosis.headline)
    return None


def of_hooks(reports: Sequence[Report]) -> dict[int, list[tuple[Report, Diagnosis]] | None]:
    """What keeps several programs of a source from firing, where a line says it.

    id() of the finding that tells it -> the same of other programs; None for those.
    """
    first: dict[object, list[tuple[Report, Diagnosis]]] = {}
    found: dict[int, list[tuple[Report, Diagnosis]] | None] = {}
    for report in reports:
        for diagnosis in report.diagnoses:
            key = cause(report, diagnosis) if diagnosis.brief and diagnosis.of_hook else None
            if key is None:
                continue
            if (others := first.get(key)) is None:
                found[id(diagnosis)] = first[key] = []
            else:
                others.append((report, diagnosis))
                found[id(diagnosis)] = None
    return found


def in_programs(reports: Sequence[Report]) -> tuple[dict[int, list[str]], dict[int, str]]:
    """What is the same in several programs of a source.

    (id() of the finding that tells it -> the other programs, id() of a later finding -> the first program).
    """
    first: dict[object, tuple[Diagnosis, str]] = {}
    others: dict[int, list[str]] = {}
    again: dict[int, str] = {}
    for report in reports:
        name = (report.program.name if report.program else None) or ""
        for diagnosis in report.diagnoses if name else ():
            key = cause(report, diagnosis) if diagnosis.location is None else None
            if key is None:
                continue
            told, by = first.setdefault(key, (diagnosis, name))
            if by != name:
                others.setdefault(id(told), []).append(name)
                again[id(diagnosis)] = by
    return others, again
