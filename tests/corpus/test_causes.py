"""The root cause is on the line that the program's author marked as the cause."""

import re
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder

CAUSE = re.compile(r"/\* cause: ")
NUMBERED = re.compile(rb"^;[^\n]* @ [^\n]*:(\d+)$", re.MULTILINE)
CASES = sorted(path.parent.parent for path in (folder("corpus") / "cases").glob(f"*/*/logs/{cases.VERDICTS}"))


def marked(case: Path) -> set[int]:
    program = cases.program(case)
    lines = program.read_text().splitlines() if program else []
    return {number for number, line in enumerate(lines, 1) if CAUSE.search(line)}


def lines_of(diagnosis: Diagnosis) -> set[int]:
    """The line of the root cause, and those of the labels that say what happened before."""
    labels = (label.place for label in diagnosis.labels if label.role != "access")
    cause = diagnosis.root_cause.place if diagnosis.root_cause else None
    return {place.line for place in (cause, *labels) if place is not None}


# The failing path goes around the marked line, which only other paths in the log walk over.
AROUND = ("iterator-uninitialized/next-without-new",)


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if marked(case)
        and not str(case).endswith(AROUND)
        and catalogue.load().rule(case.parent.name).evidence
    ],
    ids=lambda case: f"{case.parent.name}/{case.name}",
)
def test_the_marked_cause_is_found(case: Path) -> None:
    for kernel, level, log in cases.logs(case):
        shown = {int(number) for number in NUMBERED.findall(log)}
        if level != 1 or not shown & marked(case):
            continue  # up to 6.7 lines are not numbered; and the path may go around the marked one
        reports = diagnose(RawReport(log, "log", Flavour.LOG, Stage.PASTE))
        found = [each for report in reports for each in report.diagnoses if each.rule == case.parent.name]
        for diagnosis in found:
            assert lines_of(diagnosis) & marked(case), (kernel, level)
