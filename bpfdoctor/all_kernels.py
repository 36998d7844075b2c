"""Several kernels as one: it loads what all of them load, and refuses what one refuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bpfdoctor.model.diagnosis import Fix, FixStatus, Report
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Kernel, Verdict


def as_one(reports: Iterable[Report]) -> list[Report]:
    """One report for each program: the first that does not load, or one that names all the kernels.

    A kernel that can't take the program at all has no say.
    """
    by_program: dict[str, list[Report]] = {}
    told = []
    for report in reports:
        name = report.program.name if report.program else None
        if not name:
            told.append(report)
        elif not report.not_possible:
            by_program.setdefault(name, []).append(report)
    return told + [_all_of(found) for found in by_program.values()]


def _all_of(found: Sequence[Report]) -> Report:
    refused = next((each for each in found if each.verdict is not Verdict.LOADS), None)
    if refused is not None:
        return refused
    kernels = [each.kernel for each in found if each.kernel is not None]
    releases = ", ".join(dict.fromkeys(kernel.release for kernel in kernels))
    held = ", ".join(dict.fromkeys(kernel.capabilities for kernel in kernels))
    most = max(found, key=lambda each: each.insns or 0).stats
    return replace(found[0], kernel=Kernel(releases, held), stats=most)


def with_fixes(reports: Sequence[Report], tried: Sequence[Report]) -> list[Report]:
    """The reports of all kernels with the patches of `tried`: what all of them load, before their own."""
    found = {report.program.name: _fixes(report) for report in tried if report.program}
    of_files = (report for report in tried if not _is_of_program(report))  # as_one keeps their order
    told = []
    for report in reports:
        if not _is_of_program(report):
            told.append(replace(report, diagnoses=next(of_files).diagnoses))
            continue
        name = report.program.name if report.program else None
        if report.verdict is not Verdict.REFUSED or not report.diagnoses:
            told.append(report)
            continue
        last = report.diagnoses[-1]
        judged = next((each for each in tried if _is_told_of(each, report)), None)
        if judged is not None:
            fixes = _fixes(judged)
            if judged.kernel == report.kernel:
                last = judged.diagnoses[-1]  # running it may have told who is at fault
        else:
            loads = [fix for fix in found.get(name, ()) if fix.outcome.status is FixStatus.LOADS]
            known = [fix.edits for fix in loads if fix.edits]
            fixes = (*loads, *(fix for fix in last.fixes if fix.edits not in known))
        told.append(replace(report, diagnoses=(*report.diagnoses[:-1], replace(last, fixes=fixes))))
    return told


def _is_of_program(report: Report) -> bool:
    """Whether a report is about one program, not the whole file."""
    return report.program is not None and bool(report.program.name)


def _fixes(report: Report) -> tuple[Fix, ...]:
    return report.diagnoses[-1].fixes if report.diagnoses else ()


def _is_told_of(judged: Report, report: Report) -> bool:
    """Whether it is the same refusal."""
    if not judged.diagnoses or judged.program != report.program:
        return False
    one, other = judged.diagnoses[-1], report.diagnoses[-1]
    return (one.rule, one.insn, one.location) == (other.rule, other.insn, other.location)
