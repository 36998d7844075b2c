"""The suggested patches, tried: what a rule's fixer writes into a program of the corpus, a kernel accepts."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.model.diagnosis import Fix, Report
from bpfdoctor.model.edits import apply
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.pipeline import check
from bpfdoctor.resources import folder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

# A fix that is shown only where it can be placed promises nothing for the rule's other programs.
RULES = sorted(
    rule.name for rule in catalogue.load().rules if any(fix.use and not fix.only_placed for fix in rule.fixes)
)
CASES = [
    case.parent for rule in RULES for case in sorted((folder("corpus") / "cases" / rule).glob("*/prog.bpf.c"))
]
# The compiler knows that the number is small, and drops the comparison; the verifier does not see it.
DROPPED = {
    "map-value-bounds/index-past-array",
    "node-used-after-unlock/first-of-a-tree",  # a NULL test is missing besides, of one copy or the other
    "zero-sized-read/at-most-what-is-there",
    "unbounded-access/another-copy-masked",
    "unbounded-access/header-taken-off-after-the-check",
    "unbounded-access/quotient-as-index",
    "unbounded-access/remainder-as-index",
    "unbounded-access/volatile-on-the-stack",
}
# Compilers before 17 compare one copy of these numbers and use another.
TWO_COPIES = {
    "unbounded-access/around-the-middle",
    "unbounded-access/compiler-checked-a-copy",
    "unbounded-access/length-may-be-negative",
    "unbounded-access/signed-char-index",
    "unbounded-access/signed-index",
}
_OLD = re.compile(r"clang 1[0-6]\.")
# What the program should have done instead is not in its text.
NOTHING_TO_OFFER = {
    "function-not-inlined/extern-function",
    "null-dereference/another-map-result",
    "probe-read-needed/constant-shifted",
    "unbounded-access/constant-length",
    "unknown-helper/newer-kernels-helper",  # a number that no kernel up to now has
}
# The patch mends its line, and another fact is missing after it: `check` tries it and says so.
REFUSED_NEXT = {
    "null-dereference/iterator-without-elements": "unreleased-reference",  # leaves without destroying it
    "packet-bounds/every-block": "packet-bounds",  # the loop still goes too far for any comparison
    "used-after-release/part-of-a-socket": "map-value-or-null",
}
# `__contains` is a tag that compilers before 14 leave out: the kernel then finds no list, and refuses that.
TAGGED = {
    "node-used-after-unlock/first-of-a-tree",
    "node-used-after-unlock/read-after-insertion",
    "node-used-after-unlock/read-after-push",
}
_NO_TAGS = re.compile(r"clang 1[0-3]\.")
# Where the source leaves a choice, so that an example is shown: another declaration, another way to count …
EXAMPLE_ONLY = {
    "call-in-critical-section/move-between-accounts",
    "call-in-critical-section/tail-call-under-lock",
    "helper-argument-type/after-the-rcu-section",
    "map-type-for-helper/lookup-in-program-array",
    "map-type-for-helper/redirect-through-hash",
    "type-not-defined/sched-h-of-programs",
    "unsupported-builtin/compare-names",
    "unsupported-builtin/memset-of-a-large-map-value",
    "unsupported-construct/buffer-of-variable-size",
    "used-after-release/element-after-destroy",
    "map-value-bounds/constant-before-the-value",
    "stale-dynptr-memory/clone-of-a-released-dynptr",
    "stale-dynptr-memory/dynptr-made-again",
    "stale-dynptr-memory/read-after-submit",
    "stale-packet-pointer/slice-after-pull",
    "uninitialized-register/after-packet-load",
    "used-after-release/length-after-submit",  # a comment beside the call: it is not moved
    "missing-exit/never-returns",
    "map-value-bounds/helper-fills-too-much",
    "map-value-bounds/only-the-sum-is-compared",
    "map-value-bounds/value-of-another-size",
    "map-value-bounds/value-too-small",
    "packet-bounds/moved-too-far",
    "pointer-offset-too-large/minus-one-in-32-bits",
    "stack-bounds/index-behind-the-array",
    "stack-too-large/three-functions",
    "stack-too-large/two-functions",
    "unreleased-reference/same-condition-twice",
}


def name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def checked(program: Path, includes: Path) -> list[Report]:
    return check(program, CaptureOptions(include_dirs=(str(includes),)))


def first_fixes(reports: list[Report]) -> list[Fix]:
    """The first fix of each refusal."""
    return [each.fixes[0] for report in reports for each in report.diagnoses if each.fixes]


def loads(reports: list[Report]) -> bool:
    return bool(reports) and all(report.verdict is Verdict.LOADS for report in reports)


def is_declared_otherwise(reports: list[Report]) -> bool:
    """Whether vmlinux.h declares a kfunc, too: a newer bpftool writes it with the types of this kernel."""
    return [each.rule for report in reports for each in report.diagnoses] == ["declared-twice"]


def refused(case: Path) -> list[Report]:
    """The answers to the case's program; every refusal has a fix, and no part of an answer is missing."""
    reports = checked(case / "prog.bpf.c", case)
    # A newer kernel than those of the corpus may take the program as it is: then there is nothing to mend.
    assert loads(reports) or first_fixes(reports) or is_declared_otherwise(reports), [
        each.rule for report in reports for each in report.diagnoses
    ]
    assert not any(each.faults for report in reports for each in report.diagnoses)
    return reports


def test_there_are_programs() -> None:
    assert len(CASES) >= 85
    assert {
        name(case) for case in CASES
    } >= EXAMPLE_ONLY | DROPPED | TWO_COPIES | TAGGED | NOTHING_TO_OFFER | {*REFUSED_NEXT}


@pytest.mark.parametrize("case", [case for case in CASES if name(case) in NOTHING_TO_OFFER], ids=name)
def test_no_patch_where_nobody_can_know_one(case: Path) -> None:
    assert first_fixes(checked(case / "prog.bpf.c", case)) == []


def is_mended(case: Path) -> bool:
    """Whether `check --fix` makes its fixed.bpf.c of it, perhaps in several steps: test_mended_cases.py."""
    return bool(tomllib.loads((case / "case.toml").read_text()).get("mended"))


PATCHED = [
    case for case in CASES if name(case) not in EXAMPLE_ONLY | NOTHING_TO_OFFER and not is_mended(case)
]


@pytest.mark.parametrize("case", PATCHED, ids=name)
def test_the_patch_is_accepted(case: Path, tmp_path: Path) -> None:
    reports = refused(case)
    if name(case) in TAGGED and any(_NO_TAGS.search(report.compiler or "") for report in reports):
        assert [each.rule for report in reports for each in report.diagnoses] == ["special-field-missing"]
        return
    fixes = [fix for report in reports for each in report.diagnoses for fix in each.fixes]
    edits = next((fix.edits for fix in fixes if fix.edits), ())
    assert bool(edits) != loads(reports)
    patched = tmp_path / "prog.bpf.c"
    patched.write_text(apply((case / "prog.bpf.c").read_text(), edits))
    again = checked(patched, case)
    rules = [each.rule for report in again for each in report.diagnoses]
    old = any(_OLD.search(report.compiler or "") for report in reports)
    if name(case) in REFUSED_NEXT and not loads(reports):
        assert rules == [REFUSED_NEXT[name(case)]]
    elif name(case) in DROPPED or (old and name(case) in TWO_COPIES):
        # The patch is C, and says what it should; what the verifier makes of it depends on the compiler.
        assert all(report.verdict in (Verdict.LOADS, Verdict.REFUSED) for report in again), rules
    else:
        assert loads(again), (rules, patched.read_text())


@pytest.mark.parametrize("case", [case for case in CASES if name(case) in EXAMPLE_ONLY], ids=name)
def test_no_patch_is_made_up_where_the_source_leaves_a_choice(case: Path) -> None:
    reports = refused(case)
    declared_otherwise = is_declared_otherwise(
        reports
    )  # that has a patch, which says nothing of this refusal
    fixes = [] if declared_otherwise else first_fixes(reports)
    assert bool(fixes) != (loads(reports) or declared_otherwise)
    text = (case / "prog.bpf.c").read_text()
    for fix in fixes:
        assert not fix.edits
        changed = " ".join(line for line in fix.example if not line.startswith("+"))
        assert all(word in text for word in re.findall(r"[a-z]\w+", changed))
