"""Answers that are worked out in copies of this process: all, in order, whatever becomes of a copy."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bpfdoctor import forked
from bpfdoctor.cli.answer import answer
from bpfdoctor.cli.examined import Jobs
from bpfdoctor.cli.output_options import OutputOptions
from bpfdoctor.cli.rc import RC
from bpfdoctor.forked import Lost, side_by_side
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour, Verdict


def test_every_question_is_answered_by_one_of_several() -> None:
    told = dict(side_by_side(10, lambda number: (number, os.getpid(), "x" * 100_000 * (10 - number)), 3))
    found = [told[number] for number in range(10)]
    assert [each[0] for each in found if not isinstance(each, Lost)] == list(range(10))
    assert os.getpid() not in [each[1] for each in found if not isinstance(each, Lost)]


def test_a_long_one_keeps_one_copy_and_the_other_does_the_rest() -> None:
    rest_is_done, says_so = os.pipe()

    def work(number: int) -> None:
        if number == 0:
            os.read(rest_is_done, 1)
        elif number == 4:
            os.write(says_so, b"!")

    told = [number for number, _ in side_by_side(5, work, 2)]
    assert sorted(told) == list(range(5))


def test_more_than_a_pipe_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "_QUEUED", 7)
    assert sorted(side_by_side(40, lambda number: -number, 3)) == [(number, -number) for number in range(40)]


def test_a_copy_that_ends_loses_one_answer() -> None:
    def work(number: int) -> int:
        if number == 4:
            os._exit(1)
        return number

    told = dict(side_by_side(9, work, 3))
    assert isinstance(told.pop(4), Lost)
    assert told == {number: number for number in range(9) if number != 4}


def test_what_no_copy_is_left_for_is_lost() -> None:
    told = dict(side_by_side(5, lambda _: os._exit(1), 2))
    assert sorted(told) == list(range(5)) and all(isinstance(each, Lost) for each in told.values())


def test_no_copy_is_left_of_one_who_stops_reading() -> None:
    told = side_by_side(9, lambda number: number, 3)
    next(told)
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
    assert answer(list("abcde"), examine, OutputOptions("json", out), jobs=Jobs(3)) is RC.FAILED
    said = capsys.readouterr().err
    assert "It is broken.\n  Mend it.\n" in said and "ValueError in unit/test_side_by_side.py" in said
    assert [each["source"] for each in json.loads(out.read_text())["reports"]] == ["a", "d", "e"]
