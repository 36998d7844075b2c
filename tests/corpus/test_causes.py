"""The root cause is the line that the program's author marked as the cause, in every log of every case."""

import re
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.lab import cases
from scripts import causes

CASES = causes.corpus()

# Why the logs of these programs name another line than their author does.
OTHER_LINE = {
    "map-value-bounds/only-the-sum-is-compared": "clang counts the comparison of the sum to the condition above it",
    "core-relocation-failed/field-not-in-this-kernel": "clang counts the instruction to the line above",
    "pointer-offset-too-large/minus-one-in-32-bits": "clang counts the addition to the line below",
    "return-value-range/ingress-verdict": "clang counts `r0 = 2` to the if in front",
    "rcu-lock-required/iterate-tasks-unprotected": "6.12 refuses the next call only",
    "unbounded-access/signed-index": "clang made one branch of two conditions, on the line of the first",
    "unbounded-access/zero-left-out": "clang made one branch of two conditions, on the line of the first",
    "arena-sign-extension/signed-byte": "said when the accesses are rewritten, after the last step",
    "tail-call-stack-depth/large-buffer-in-the-caller": "said of the whole program, after its last step",
}

# Why no log of these cases has an instruction to blame.
NO_CAUSE = {
    "program-too-large/list-walk": "the budget runs out anywhere",
    "speculative-pointer-arithmetic/signed-index": "an ordinary user is told so; the stored logs are root's",
    "stack-too-large/two-functions": "said of the whole program, after its last step",
    "unprivileged-stack-index/table-on-the-stack": "the same",
}
_WALKED = re.compile(rb"^\d+: \(", re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=causes.name)
def test_every_program_has_one_cause(case: Path) -> None:
    assert len(causes.marked(case)) == 1, "CONTRIBUTING.md says which line is marked with /* cause: … */"


@pytest.mark.parametrize("case", CASES, ids=causes.name)
def test_the_marked_line_is_the_root_cause(case: Path) -> None:
    wrong = [str(found) for found in causes.found(case) if found.is_marked is False]
    if causes.name(case) in OTHER_LINE:
        assert wrong, "it is found now: OTHER_LINE needs no entry for it"
    else:
        assert not wrong, f"line {causes.marked(case)} is marked"


def walked() -> list[Path]:
    """The cases of rules with evidence that have a log with an instruction that the verifier looked at."""
    known = [case for case in CASES if catalogue.load().rule(case.parent.name).evidence]
    return [case for case in known if any(_WALKED.search(log) for *_, log in cases.logs(case))]


@pytest.mark.parametrize("case", walked(), ids=causes.name)
def test_a_rule_with_evidence_names_a_cause(case: Path) -> None:
    named = any(found.insn is not None for found in causes.found(case))
    if causes.name(case) in NO_CAUSE:
        assert not named, "it is found now: NO_CAUSE needs no entry for it"
    else:
        assert named
