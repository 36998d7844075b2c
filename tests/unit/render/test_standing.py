"""What was not asked, and what gave no answer, are two things in every format; the second is a failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from bpfdoctor.internal_error import internal_error
from bpfdoctor.model.diagnosis import Report, Standing
from bpfdoctor.model.report import Kernel, Program, Stats, Verdict
from bpfdoctor.model.transcript import ErrorBlock
from bpfdoctor.render import FORMATS, render
from tests.unit.render import reports

WHY = "the process that loaded it was ended by SIGKILL"
LOADS = replace(reports.loads(), program=Program("p", "xdp"))
NOT_ASKED = replace(LOADS, verdict=Verdict.NOT_ASKED, stats=Stats(), kernel=None)
NO_ANSWER = replace(LOADS, verdict=Verdict.NO_ANSWER, stats=Stats(), no_answer=WHY)
HALF = replace(NO_ANSWER, diagnoses=reports.report().diagnoses)  # what it printed before it was killed


def _xml(text: str) -> dict[str, int]:
    root = ElementTree.fromstring(text)
    return {key: int(root.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}


# Whether the text of a format says that something failed, of one report without findings.
FAILS: dict[str, Callable[[str], bool]] = {
    "full": lambda text: text.startswith("error"),
    "concise": lambda text: ": error: " in text,
    "json": lambda text: json.loads(text)["reports"][0]["verdict"] == "no-answer",
    "jsonl": lambda text: json.loads(text)["verdict"] == "no-answer",
    "sarif": lambda text: not json.loads(text)["runs"][0]["invocations"][0]["executionSuccessful"],
    "github": lambda text: text.startswith("::error "),
    "gitlab": lambda text: json.loads(text) != [],
    "rdjson": lambda text: json.loads(text)["diagnostics"] != [],
    "junit": lambda text: _xml(text) == {"tests": 1, "failures": 0, "errors": 1, "skipped": 0},
    "html": lambda text: 'class="error"' in text,
    "markdown": lambda text: "\nerror" in text,
}


def test_every_format_is_here() -> None:
    assert set(FAILS) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_no_answer_is_a_failure_and_says_why(name: str) -> None:
    text = render([NO_ANSWER], name)
    assert FAILS[name](text) and WHY in text


@pytest.mark.parametrize("name", FORMATS)
def test_no_answer_is_told_beside_a_finding(name: str) -> None:
    assert WHY in render([HALF], name)


@pytest.mark.parametrize("name", FORMATS)
def test_not_asked_is_no_failure(name: str) -> None:
    assert not FAILS[name](render([NOT_ASKED], name))
    assert not FAILS[name](render([LOADS], name))


def test_not_asked_is_skipped_for_junit() -> None:
    assert _xml(render([NOT_ASKED], "junit")) == {"tests": 1, "failures": 0, "errors": 0, "skipped": 1}
    assert _xml(render([LOADS], "junit")) == {"tests": 1, "failures": 0, "errors": 0, "skipped": 0}


def test_the_table_of_kernels_shows_a_missing_answer() -> None:
    other = replace(NO_ANSWER, kernel=Kernel("5.10.218"))
    text = render([LOADS, other], "full")
    assert "no answer" in text and f"no answer about p (xdp): {WHY}" in text


@pytest.mark.parametrize("name", FORMATS)
def test_a_failure_of_our_own_is_shown(name: str) -> None:
    try:
        raise IndexError("x")
    except IndexError as error:
        found = internal_error(
            error, ErrorBlock(("R3 !read_ok",), reports.report().diagnoses[0].finding.block.stage)
        )
    report = replace(reports.report(), diagnoses=(found,))
    assert report.standing is Standing.UNANSWERED
    text = render([report], name)
    assert "internal-error" in text or "BD903" in text
    assert "IndexError in render/test_standing.py" in text


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_standing_and_words(verdict: Verdict) -> None:
    report = Report("x", LOADS.flavour, verdict)
    assert isinstance(report.standing, Standing)
    for name in FORMATS:
        render([report], name)
