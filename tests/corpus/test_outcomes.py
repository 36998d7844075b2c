"""Every outcome that a collector can have is reached by a real program of the corpus, or its rule says why not."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.analysis import contract
from bpfdoctor.lab import cases, compiled
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.resources import folder
from scripts import causes
from scripts.diagnosed import diagnosed

RULES = [rule for rule in catalogue.load().rules if rule.evidence]
SCHEMA = json.loads((folder("corpus").parent / "bpfdoctor/render/schema.json").read_text())
LOOKED_AT_WITH = contract.collectors(catalogue.load())
# Two collectors may share one list of outcomes.
LISTS: dict[type, set[str]] = {}
for each in RULES:
    if each.evidence:
        LISTS.setdefault(contract.outcome_type(each.evidence), set()).add(each.evidence)


def with_program(case: Path) -> Iterator[RawReport]:
    """Its logs as test_causes.py reads them; of a BCC program also without what BCC made of it."""
    for _, level, raw in causes.with_program(case):
        if level == 1:
            yield raw
            if raw.flavour.is_bcc:
                yield replace(raw, object=None, line_maps=(), compiler_said=b"")


def alone(case: Path) -> Iterator[RawReport]:
    for _, level, log in cases.logs(case):
        if level == 1:
            yield RawReport(log, "log", Flavour.LOG, Stage.PASTE)


@cache
def answers(
    collectors: frozenset[str], given: Callable[[Path], Iterator[RawReport]]
) -> tuple[Diagnosis, ...]:
    """Those to the logs of their rules' cases, and of rules that these leave answers to."""
    return tuple(
        diagnosis
        for rule, used in LOOKED_AT_WITH.items()
        if used & collectors
        for case in sorted((folder("corpus") / "cases" / rule).glob("*"))
        for raw in given(case)
        for report in diagnosed(raw)
        for diagnosis in report.diagnoses
    )


def reached(collectors: frozenset[str], given: Callable[[Path], Iterator[RawReport]]) -> set[str]:
    return {diagnosis.outcome for diagnosis in answers(collectors, given)}


@pytest.fixture(
    scope="module", params=map(frozenset, LISTS.values()), ids=lambda names: "-".join(sorted(names))
)
def collectors(request: pytest.FixtureRequest) -> frozenset[str]:
    return request.param  # type: ignore[no-any-return]


def test_every_outcome_is_reached(collectors: frozenset[str]) -> None:
    excused = {name for rule in RULES if rule.evidence in collectors for name in contract.unreached(rule)}
    missing = {name for each in collectors for name in contract.outcomes_of(each)}
    missing -= reached(collectors, with_program)
    if missing - excused:  # some are of logs whose program is not at hand
        missing -= reached(collectors, alone)
    assert missing == excused, (
        'each needs a case, or `unreached = "why"` in its [outcome.…]; or is reached now'
    )


# Facts that no program of the corpus shows: those of outcomes that none reaches, and what only the object of a
# libbpf program tells, which is not stored.
NOT_SHOWN = {
    "missing_header": {"asked", "library", "instead"},  # bpfdoctor compiles what shows them
    "back_edge": {"head", "back"},
    "called_function": {"until", "built"},  # tests/unit/analysis/test_called_function.py
    "complexity": {"grows", "added"},
    "helper_args": {"clobbered", "turned", "unset"},
    "map_value_range": {"elsewhere", "index_name"},
    "moved_pointer": {"added"},
    "nullness": {"moved"},
    "packet_range": {"end"},
    "context_field": {
        "since",
        "whole",
    },  # only the object has its type; tests/unit/analysis/test_sentences.py
    "section_name": {
        "collector",
        "registers",
        "section",
        "since",
        "why",
    },  # the corpus is loaded with one libbpf
    "scalar_range": {"elements", "element_size"},  # without a limit it is no number of bytes
    "stack_range": {"elsewhere", "lost", "elements", "element_size"},
    "unset_register": {"name"},
}


def loading_answers(collectors: frozenset[str]) -> Iterator[Diagnosis]:
    """Those to BCC programs that load with a warning."""
    for rule, used in LOOKED_AT_WITH.items():
        for case in sorted((folder("corpus") / "cases" / rule).glob("*")) if used & collectors else ():
            if causes.is_bcc(case):
                for raw in compiled.loading(case):
                    yield from (each for report in diagnosed(raw) for each in report.diagnoses)


def told(found: Iterable[Diagnosis], collector: str) -> set[str]:
    """The facts of a collector that any of the answers shows."""
    return {
        key
        for each in found
        if each.public is not None and each.public["collector"] == collector
        for key, value in each.public.items()
        if value not in (None, (), "")
    }


def test_every_fact_that_the_schema_promises_is_told(collectors: frozenset[str]) -> None:
    found = (*answers(collectors, with_program), *answers(collectors, alone), *loading_answers(collectors))
    for name in collectors:
        promised = set(SCHEMA["$defs"][f"facts_{name}"]["properties"])
        assert promised - told(found, name) == NOT_SHOWN.get(name, set()), name
