"""What several kernels say of the same programs: each finding once, with the kernels it was met on."""

from __future__ import annotations

from collections.abc import Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Report, Standing
from bpfdoctor.model.record import dataclass
from bpfdoctor.render.words import bare_failure, named, program


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, or a failure that no finding tells of, and the report to draw it from.

    `met_on` are the kernels that it was met on, where several were asked.
    """

    report: Report
    diagnosis: Diagnosis | None
    failure: str = ""
    met_on: tuple[str, ...] = ()

    @property
    def on(self) -> str:
        """` (on 5.10.262, 6.1.192)`, or nothing where one kernel was asked."""
        return f" (on {', '.join(self.met_on)})" if self.met_on else ""


def column(report: Report) -> str:
    """`6.12.117`, `6.12.117 no-perfmon`; "" for a program that no kernel has seen."""
    if report.kernel is None:
        return ""
    held = "" if report.kernel.capabilities == "full" else f" {report.kernel.capabilities}"
    return report.kernel.release + held


def several(reports: Sequence[Report]) -> bool:
    """Whether the reports come from more than one kernel, or from more than one set of capabilities."""
    return len({column(report) for report in reports if report.kernel}) > 1


def row(report: Report) -> str:
    """What a program is called in a table of kernels."""
    return program(report) or named(report.source)


def told(reports: Sequence[Report]) -> list[Told]:
    """Everything that was found or failed, in the order met; of several kernels each cause once."""
    if several(reports):
        return merged(reports)
    return [met[-1] for met in causes(reports)]


def merged(reports: Sequence[Report]) -> list[Told]:
    """Each cause once, with the kernels it was met on."""
    return [
        Told(met[-1].report, met[-1].diagnosis, met[-1].failure, _columns(met)) for met in _by_cause(reports)
    ]


def met_on(reports: Sequence[Report]) -> dict[int, tuple[str, ...]]:
    """id() of a finding -> the kernels on which its cause was met."""
    return {id(each.diagnosis): _columns(met) for met in causes(reports) for each in met}


def causes(reports: Sequence[Report]) -> list[list[Told]]:
    """What was found or failed; of several kernels what is one cause together, the last kernel's last."""
    if several(reports):
        return _by_cause(reports)
    return [[each] for report in reports for each in _of(report)]


def untold(reports: Sequence[Report]) -> list[Report]:
    """Those of which neither a table of kernels nor a cause tells: no kernel was asked, or none answered."""
    return [
        report
        for report in reports
        if not report.diagnoses and (not report.kernel or report.standing is Standing.UNANSWERED)
    ]


def _by_cause(reports: Sequence[Report]) -> list[list[Told]]:
    """A cause is a rule at a place of a program."""
    causes: dict[object, list[Told]] = {}
    for report in reports:
        for each in _of(report):
            causes.setdefault(_cause(each), []).append(each)
    return list(causes.values())


def _of(report: Report) -> list[Told]:
    found = [Told(report, diagnosis) for diagnosis in report.diagnoses]
    if said := bare_failure(report):
        found.append(Told(report, None, said))
    return found


def _cause(each: Told) -> object:
    report, diagnosis = each.report, each.diagnosis
    if diagnosis is None:
        return (report.source, row(report), report.verdict)
    return (report.source, row(report), diagnosis.rule, diagnosis.location or diagnosis.insn)


def _columns(met: Sequence[Told]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (column(each.report) for each in met))))
