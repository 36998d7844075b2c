"""Every outcome that a collector can have is reached by a real program of the corpus, or its rule says why not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.analysis import contract
from bpfdoctor.lab import cases
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder

RULES = [rule for rule in catalogue.load().rules if rule.evidence]
LOOKED_AT_WITH = contract.collectors(catalogue.load())
# Two collectors may share one list of outcomes.
LISTS: dict[type, set[str]] = {}
for each in RULES:
    if each.evidence:
        LISTS.setdefault(contract.outcome_type(each.evidence), set()).add(each.evidence)


def with_program(case: Path, log: bytes) -> RawReport:
    program = cases.program(case)
    files = (SourceFile(program.name, program.read_text()),) if program else ()
    flavour = Flavour.BCC if program and program.suffixes == [".c"] else Flavour.LIBBPF
    return RawReport(log, program.name if program else "-", flavour, Stage.VERIFIER, files=files)


def alone(_: Path, log: bytes) -> RawReport:
    return RawReport(log, "log", Flavour.LOG, Stage.VERIFIER)


def reached(collectors: set[str], given: Callable[[Path, bytes], RawReport]) -> set[str]:
    """The outcomes that the logs of their rules' cases lead to, and of rules that these leave answers to."""
    return {
        diagnosis.outcome
        for rule, used in LOOKED_AT_WITH.items()
        if used & collectors
        for case in sorted((folder("corpus") / "cases" / rule).glob("*"))
        for _, level, data in cases.logs(case)
        if level == 1
        for report in diagnose(given(case, data))
        for diagnosis in report.diagnoses
    }


@pytest.mark.parametrize("collectors", LISTS.values(), ids=lambda names: "-".join(sorted(names)))
def test_every_outcome_is_reached(collectors: set[str]) -> None:
    excused = {name for rule in RULES if rule.evidence in collectors for name in contract.unreached(rule)}
    missing = {name for each in collectors for name in contract.outcomes_of(each)}
    missing -= reached(collectors, with_program)
    if missing - excused:  # some are of logs whose program is not at hand
        missing -= reached(collectors, alone)
    assert missing == excused, 'each needs a case, or `unreached = "why"` in its [outcome.…]; or is reached now'
