"""The answers to the corpus's programs are those that were looked at, wording apart, and what docs/json.md says."""

import json
from pathlib import Path

import jsonschema
import pytest

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.render import render
from scripts import answers, causes

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "bpfdoctor/render/schema.json").read_text()))
Said = dict[str, list[Report]]


@pytest.fixture(scope="module", params=causes.corpus(), ids=causes.name)
def case(request: pytest.FixtureRequest) -> Path:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def said(case: Path) -> Said:
    return answers.reports(case)


def test_the_answer_is_the_one_that_was_looked_at(case: Path, said: Said) -> None:
    now = answers.answers(said)
    assert now == (answers.stored(case) or {}), "python -m scripts.answers stores it; look at what git says"


def test_the_answer_is_what_the_schema_says(said: Said) -> None:
    reports = [report for log in said.values() for report in log]
    SCHEMA.validate(json.loads(render(reports, "json")))


def test_nearly_every_program_has_an_answer() -> None:
    assert sum(answers.stored(case) is not None for case in causes.corpus()) >= 395
