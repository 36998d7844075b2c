"""Answers that are worked out in copies of this process: all, in order, whatever becomes of a copy."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bpfdoctor.cli.answer import OutputOptions, answer
from bpfdoctor.cli.rc import RC
from bpfdoctor.cli.side_by_side import Lost, answers
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour, Verdict


@pytest.fixture(autouse=True)
def _three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})


def test_the_order_is_that_of_the_questions() -> None:
    told = list(answers(10, lambda number: (number, os.getpid(), "x" * 100_000 * (10 - number))))
    assert [each[0] for each in told if not isinstance(each, Lost)] == list(range(10))
    assert len({each[1] for each in told if not isinstance(each, Lost)} - {os.getpid()}) == 3


def test_few_are_worked_out_here() -> None:
    assert list(answers(2, lambda _: os.getpid())) == [os.getpid()] * 2


def test_a_copy_that_ends_loses_its_own_answers_only() -> None:
    def work(number: int) -> int:
        if number == 4:
            os._exit(1)
        return number

    told = list(answers(9, work))
    assert [each for each in told if not isinstance(each, Lost)] == [0, 1, 2, 3, 5, 6, 8]


def test_no_copy_is_left_of_one_who_stops_reading() -> None:
    told = answers(9, lambda number: number)
    assert next(told) == 0
    told.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_what_cannot_be_examined_is_told_beside_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def examine(source: str) -> list[Report]:
        if source == "b":
            raise Problem("It is broken.", "Mend it.")
        if source == "c":
            raise ValueError
        return [Report(source, Flavour.LIBBPF, Verdict.NOT_ASKED)]

    out = tmp_path / "told"
    assert answer(list("abcde"), examine, OutputOptions("json", out), side_by_side=True) is RC.FAILED
    said = capsys.readouterr().err
    assert "It is broken.\n  Mend it.\n" in said and "ValueError in cli/test_side_by_side.py" in said
    assert [each["source"] for each in json.loads(out.read_text())["reports"]] == ["a", "d", "e"]
