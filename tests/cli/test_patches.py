"""The suggested patches, tried: what a rule's fixer writes into a program of the corpus, a kernel accepts."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.edits import apply
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.pipeline import check
from bpfdoctor.resources import folder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

RULES = sorted(rule.name for rule in catalogue.load().rules if any(fix.use for fix in rule.fixes))
CASES = [
    case.parent for rule in RULES for case in sorted((folder("corpus") / "cases" / rule).glob("*/prog.bpf.c"))
]
# The compiler knows that the number is small, and drops the comparison; the verifier does not see it.
DROPPED = {
    "unbounded-access/header-taken-off-after-the-check",
    "unbounded-access/quotient-as-index",
    "unbounded-access/remainder-as-index",
    "unbounded-access/volatile-on-the-stack",
}
# Compilers before 16 compare one copy of these numbers and use another.
TWO_COPIES = {
    "unbounded-access/compiler-checked-a-copy",
    "unbounded-access/length-may-be-negative",
    "unbounded-access/signed-char-index",
    "unbounded-access/signed-index",
}
_OLD = re.compile(r"clang 1[0-5]\.")
# Where the source leaves a choice, so that an example is shown: another declaration, another way to count …
EXAMPLE_ONLY = {
    "function-not-inlined/extern-function",
    "map-value-bounds/helper-fills-too-much",
    "map-value-bounds/value-of-another-size",
    "map-value-bounds/value-too-small",
    "packet-bounds/length-compared-as-number",
    "packet-bounds/moved-too-far",
    "packet-bounds/sum-never-checked",
    "stack-bounds/index-behind-the-array",
    "stack-bounds/index-past-buffer",
    "stack-too-large/three-functions",
    "stack-too-large/two-functions",
    "unreleased-reference/same-condition-twice",
}


def name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def checked(program: Path, includes: Path) -> list[Report]:
    return check(program, CaptureOptions(include_dirs=(str(includes),)))


def test_there_are_programs() -> None:
    assert len(CASES) >= 80


@pytest.mark.parametrize("case", [case for case in CASES if name(case) not in DROPPED], ids=name)
def test_the_patch_is_accepted(case: Path, tmp_path: Path) -> None:
    program = case / "prog.bpf.c"
    reports = checked(program, case)
    if name(case) in TWO_COPIES and any(_OLD.search(report.compiler or "") for report in reports):
        return
    fixes = [fix for report in reports for each in report.diagnoses for fix in each.fixes]
    edits = [edit for fix in fixes[:1] for edit in fix.edits]
    if not fixes:
        return  # this kernel takes the program as it is
    assert bool(edits) != (name(case) in EXAMPLE_ONLY)
    if not edits:
        return
    patched = tmp_path / "prog.bpf.c"
    patched.write_text(apply(program.read_text(), edits))
    for report in checked(patched, case):
        rules = [each.rule for each in report.diagnoses]
        assert report.verdict is Verdict.LOADS, (rules, patched.read_text())
