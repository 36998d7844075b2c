"""Every real log of the corpus still gets its rule, and what was checked points at the marked line."""

import re
from pathlib import Path

import pytest

from bpfdoctor.lab import cases
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder

UPDATE = "python -m bpfdoctor dev capture {case} stores what real kernels say now"
CASES = sorted(path.parent.parent for path in (folder("corpus") / "cases").glob(f"*/*/logs/{cases.VERDICTS}"))
# The relocated instruction is one that clang counts to the line above, so that is what the log shows.
ELSEWHERE = frozenset({"core-relocation-failed/field-not-in-this-kernel"})
EXPECT = re.compile(r"/\* expect: ([a-z0-9-]+) \*/")


def name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def marked(case: Path) -> set[tuple[str, int]]:
    """(rule, line) of every mark in the case's program."""
    program = cases.program(case)
    assert program is not None
    lines = program.read_text().splitlines()
    return {(mark[1], number) for number, line in enumerate(lines, 1) for mark in EXPECT.finditer(line)}


def test_there_are_cases() -> None:
    assert len(CASES) >= 250


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_pasted_log_reaches_the_same_rule_as_the_program(case: Path) -> None:
    stored = cases.verdicts(case)
    for kernel, level, log in cases.logs(case):
        reports = diagnose(RawReport(log, "log", Flavour.LOG, Stage.PASTE))
        rules = [diagnosis.rule for report in reports for diagnosis in report.diagnoses]
        assert rules, (kernel, level)
        assert stored[kernel].get("rule") in rules, (kernel, level, UPDATE.format(case=case))


@pytest.mark.parametrize("case", [case for case in CASES if name(case) not in ELSEWHERE], ids=name)
def test_the_marked_line_is_the_one_found(case: Path) -> None:
    marks = marked(case)
    for kernel, said in cases.verdicts(case).items():
        if said.get("rule") == case.parent.name and "line" in said:
            assert (said["rule"], said["line"]) in marks, (kernel, UPDATE.format(case=case))
