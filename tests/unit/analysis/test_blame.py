"""Blame is proved or not claimed: when a log alone may call the source at fault with certainty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.analysis.blame import PROOFS
from bpfdoctor.analysis.contract import outcomes_of
from bpfdoctor.catalogue import store
from bpfdoctor.diagnosing import LOG_ALONE
from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Confidence, Diagnosis, Layer, Proof
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder

CASES = Path(__file__).parents[3] / "corpus" / "cases"


def told(case: str) -> Iterator[Diagnosis]:
    """The answer to each stored log of a case, as if somebody had pasted it."""
    for _, _, log in cases.logs(CASES / case):
        for report in diagnose(RawReport(log, "log.txt", Flavour.LOG, Stage.PASTE)):
            yield from (each for each in report.diagnoses if each.rule == case.split("/", maxsplit=1)[0])


@pytest.mark.parametrize(
    "case",
    [
        "packet-bounds/second-header-unchecked",
        "packet-bounds/checked-the-wrong-way-round",
        "packet-bounds/sum-checked-too-short",
        "unbounded-access/length-has-no-limit",
        "map-value-or-null/lookup-not-checked",
        "map-value-bounds/value-too-small",
        "uninitialized-register/no-return-value",
    ],
)
def test_a_mistake_that_the_path_shows_is_certain(case: str) -> None:
    found = list(told(case))
    assert {each.confidence for each in found if each.layer is Layer.SOURCE} == {Confidence.CERTAIN}
    assert Proof.PATH in {each.proof for each in found}


@pytest.mark.parametrize(
    "case",
    [
        "packet-bounds/another-pointer-checked",  # a check of another sum may prove as much
        "packet-bounds/length-compared-as-number",  # the length was compared, which proves the same
        "unbounded-access/another-copy-masked",
        "unbounded-access/another-variable-checked",
        "unbounded-access/read-again-after-a-call",
        "unbounded-access/lower-half-checked",
    ],
)
def test_a_program_that_compares_something_is_not_blamed_by_its_log_alone(case: str) -> None:
    found = [each for each in told(case) if each.layer is Layer.SOURCE]
    assert found
    for each in found:
        assert each.confidence is Confidence.LIKELY and each.proof is Proof.NONE
        assert each.confidence_why


def test_what_differs_from_a_number_is_not_limited_for_old_verifiers() -> None:
    """`if (!length)` after a mask: up to 6.1 the verifier still allows for 0, and the program is right."""
    found = [*told("unbounded-access/zero-left-out")]
    assert found
    assert not [
        each for each in found if each.layer is Layer.SOURCE and each.confidence is Confidence.CERTAIN
    ]


def test_a_limit_that_the_verifier_forgot_on_the_stack_is_not_the_authors() -> None:
    """`key.class = mark & 15` in a structure: a byte is read back as 0..255."""
    found = [*told("map-value-bounds/kept-in-a-byte")]
    assert {each.outcome for each in found} == {"SPILL_FORGOTTEN"}
    assert {each.layer for each in found} == {Layer.FALSE_POSITIVE}


def test_a_limit_that_was_too_large_is_no_excuse_for_the_verifier() -> None:
    found = [*told("map-value-bounds/kept-in-a-byte-too-large")]
    assert found and {each.layer for each in found} == {Layer.SOURCE}
    assert {each.outcome for each in found} == {"LEAVES_TOO_MUCH"}


def test_the_sentence_says_that_the_log_cannot_tell() -> None:
    assert LOG_ALONE in {each.confidence_why for each in told("unbounded-access/another-copy-masked")}


def test_what_is_certain_has_a_proof() -> None:
    for case in sorted(CASES.glob("*/*"))[::9]:
        for each in told(f"{case.parent.name}/{case.name}"):
            assert (each.confidence is Confidence.CERTAIN) == (each.proof is not Proof.NONE)


def test_proofs_are_of_rules_and_outcomes_that_exist() -> None:
    wrong: list[str] = []
    rules = {rule.name: rule for rule in catalogue.load().rules}
    proofs = store.read_blame(folder("rules"), wrong)
    assert not wrong and not proofs.keys() - rules.keys()
    known = {name for rule in proofs if (use := rules[rule].evidence) for name in outcomes_of(use)}
    for shown in proofs.values():
        assert not set(shown.values()) - PROOFS.keys()
        assert not shown.keys() - known


def test_a_rule_that_stands_twice_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / store.BLAME).write_text('[a]\nrules = ["x"]\n[b]\nrules = ["x"]\nwhy = 1\n')
    wrong: list[str] = []
    store.read_blame(tmp_path, wrong)
    assert wrong == ["rules/blame.toml: [b]: why is not known", "rules/blame.toml: [b]: x is named twice"]
