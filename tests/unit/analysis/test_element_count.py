"""An index that is compared with a size in bytes is told so; a limit that is too large by one is no size."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from scripts.accuracy import load

CASES = Path(__file__).parents[3] / "corpus" / "cases"
BYTES = CASES / "map-value-bounds/size-in-bytes/logs"


def _answer(log: bytes) -> Diagnosis:
    return diagnose(RawReport(log, "log", Flavour.LOG, Stage.PASTE))[-1].diagnoses[-1]


@pytest.mark.parametrize("log", sorted(BYTES.glob("*.log")), ids=lambda log: log.name)
def test_a_number_of_bytes_where_elements_are_counted(log: Path) -> None:
    said = _answer(load(log))
    assert said.outcome == "BYTES_COMPARED"
    check = next(each.text for each in said.labels if each.role == "check")
    assert check == "this lets 64 numbers pass; 64 bytes hold 16 elements"
    assert said.public is not None
    assert (said.public["elements"], said.public["element_size"]) == (16, 4)


def test_the_sources_words_decide_where_the_object_is_larger() -> None:
    """72 bytes lie there, of which 64 are the array's; without `sizeof` nothing says that 64 is a size."""
    log = load(BYTES / "6.18.15-l1.log")
    assert b"sizeof(found->counts)" in log
    assert _answer(log.replace(b"sizeof(found->counts)", b"64")).outcome == "LEAVES_TOO_MUCH"
    count = log.replace(b"sizeof(found->counts)", b"ARRAY_SIZE(found->counts) * 4")
    assert _answer(count).outcome == "LEAVES_TOO_MUCH"


@pytest.mark.parametrize("case", ["map-value-bounds/one-element-too-many", "stack-bounds/index-past-buffer"])
def test_a_limit_in_elements_is_no_size(case: str) -> None:
    logs = sorted((CASES / case / "logs").glob("*.log"))
    assert {_answer(load(log)).outcome for log in logs} == {"LEAVES_TOO_MUCH"}
