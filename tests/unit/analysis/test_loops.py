"""Which loop used up the verifier's budget: the last 90 kB of the logs of data/loops, from four kernels."""

from __future__ import annotations

import lzma
import subprocess
from functools import cache
from pathlib import Path

import pytest

from bpfdoctor.analysis.collectors.complexity import Complexity
from bpfdoctor.analysis.lib.loop_source import counts_of
from bpfdoctor.model.diagnosis import Place, Report
from bpfdoctor.model.picture import LoopNest
from bpfdoctor.model.report import Flavour, Program, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import render
from tests.compilers import HEADERS, clang

DATA = Path(__file__).parent / "data" / "loops"
SOURCE = DATA / "loops.bpf.c"
needs_clang_14 = pytest.mark.needs_clang(14)  # compiled the programs that the logs are of


@cache
def compiled() -> bytes:
    flags = ["-O2", "-g", "-target", "bpf", f"-I{HEADERS}"]
    command = [clang(14), *flags, "-c", str(SOURCE), "-o", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


@cache
def reported(log: Path, with_program: bool = False) -> Report:
    """With the program source and object are at hand; else only the log is."""
    raw = RawReport(
        lzma.decompress(log.read_bytes()),
        str(SOURCE) if with_program else log.name,
        Flavour.LIBBPF if with_program else Flavour.LOG,
        Stage.PASTE,
        program=Program(log.name.split("-")[0], "sched_cls", "tc") if with_program else None,
        files=(SourceFile(str(SOURCE), SOURCE.read_text()),) if with_program else (),
        object=compiled() if with_program else None,
    )
    return diagnose(raw)[-1]


def loops(report: Report) -> LoopNest:
    facts = report.diagnoses[0].facts
    assert isinstance(facts, Complexity) and facts.loops is not None
    return facts.loops


def logs(program: str) -> list[Path]:
    found = sorted(DATA.glob(f"{program}-*.log.xz"))
    assert found
    return found


@needs_clang_14
def test_nested_loops_are_multiplied() -> None:
    for log in logs("nested"):
        report = reported(log, True)
        found = loops(report)
        assert [(level.text, level.line, level.trips) for level in found.levels] == [
            ("for (i = 0; i < ROWS; i++)", 18, 512),
            ("for (j = 0; j < COLUMNS; j++)", 19, 512),
        ]
        assert (found.of, found.limit, found.waiting) == ("branches", 8192, 1)
        assert (found.total, found.room) == (512 * 512, 8192)
        facts = report.diagnoses[0].facts
        head = facts.head if isinstance(facts, Complexity) else None
        assert isinstance(head, Place) and head.line == 19
        assert head.text is not None and head.column is not None and head.end_column is not None
        line = SOURCE.read_text().splitlines()[18]
        assert line[head.column - 1 : head.end_column - 1] == "for (j = 0; j < COLUMNS; j++)"


@pytest.mark.parametrize("with_object", [False, pytest.param(True, marks=needs_clang_14)])
def test_the_counter_and_what_it_had_reached(with_object: bool) -> None:
    for log in logs("variable"):
        found = loops(reported(log, with_object))
        counter = found.changes[0]
        assert (counter.name, counter.place, counter.each) == ("i", "r8", 1)
        assert counter.values[-1] == "58823"
        assert [(level.trips, level.bound) for level in found.levels] == [(None, "n")]
        # 58,823 rounds of this loop really used up the million; paths cut off in between cost the rest.
        assert found.room is not None and 55_000 < found.room < 70_000


@needs_clang_14
def test_a_sum_that_grows_is_shown_as_what_differs() -> None:
    for log in logs("options"):  # a while loop: its limit is no number of rounds
        report = reported(log, True)
        found = loops(report)
        cause = report.diagnoses[0].root_cause
        assert cause is None or (cause.place is not None and cause.place.text == "at += option[1];")
        assert [(level.trips, level.bound) for level in found.levels] == [(None, None)]
        assert [change.name for change in found.changes] == ["at"]
        assert found.changes[0].each is None and len(set(found.changes[0].values)) > 1
        # At most 255 more each round, up to 1,044,279: 4,095 rounds were walked.
        assert (found.waiting, found.room) == (2, 4096)


@needs_clang_14
def test_the_loop_around_a_call_is_the_callers() -> None:
    for log in logs("through_function"):
        found = loops(reported(log, True))
        assert [(level.text, level.trips) for level in found.levels] == [
            ("for (i = 0; i < 100000; i++)", 100_000)
        ]
        assert found.changes[0].name == "i"


@needs_clang_14
def test_loops_in_a_row_are_walked_again_for_each_way_out_of_those_before() -> None:
    for log in logs("in_a_row"):
        report = reported(log, True)
        found = loops(report)
        # One pass costs some thousand instructions: that does not use up a million.
        assert found.rounds == 253 and found.total is not None and found.total < 10_000
        assert found.passes == 1_000_000 // found.total
        text = render([report], "full", width=200)
        assert "a loop around it or another path makes more" in text
        assert "make 2" not in text


@needs_clang_14
def test_the_loop_around_the_call_multiplies_the_one_in_the_function() -> None:
    for log in logs("around_a_call"):
        found = loops(reported(log, True))
        assert [(level.line, level.trips) for level in found.levels] == [(149, 2000), (138, 253)]
        assert found.total is not None and found.total > 1_000_000


@needs_clang_14
@pytest.mark.parametrize("with_program", [True, False])
def test_rounds_of_a_bounded_loop_are_not_counted_up_to_the_limit(with_program: bool) -> None:
    """62,500 rounds of a loop with 253 is no sentence: the loop around it makes more passes of 253."""
    for log in logs("in_an_unknown_number"):
        report = reported(log, with_program)
        found = loops(report)
        assert found.rounds == 253 and found.passes is not None and 200 < found.passes < 700
        text = " ".join(render([report], "full", width=200).split())
        around = (
            "the loop around it makes more" if with_program else "a loop around it or another path makes more"
        )
        assert f"room for {found.passes} passes, and {around}" in text
        assert "rounds reach the limit" not in text
        cause = report.diagnoses[0].root_cause
        assert cause is not None and cause.insn is not None


@needs_clang_14
def test_rounds_that_the_compiler_made_one_of_are_not_counted_twice() -> None:
    for log in logs("thirds"):
        report = reported(log, True)
        found = loops(report)
        assert [(level.trips, level.step) for level in found.levels] == [(1000, 1), (999, 1)]
        assert (found.changes[0].name, found.changes[0].each, found.at_once) == ("j", 3, 3)
        assert found.total == 1000 * 999 * found.waiting // 3
        assert "in every 3 of them, compiled into one," in " ".join(render([report], "full").split())


@needs_clang_14
@pytest.mark.parametrize(
    ("program", "head"),
    [("nested", "for (j = 0; j < COLUMNS; j++)"), ("again", "goto next;"), ("climbs", "for (;;) {")],
)
def test_the_root_is_the_head_of_the_loop(program: str, head: str) -> None:
    """Also of one made by a goto, and of one whose code is shared with what stands before it."""
    for log in logs(program):
        diagnosis = reported(log, True).diagnoses[0]
        assert diagnosis.facts is not None and diagnosis.facts.caused_at is not None
        assert diagnosis.facts.caused_at.text == head
        cause = diagnosis.root_cause  # of one without a counter the log's end alone does not tell it
        assert cause is None or (cause.place == diagnosis.facts.caused_at and "round by round" in cause.text)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("for (int i = 10; i > 0; i--)", (10, "i", 1)),
        ("for (i = 10; i >= 0; i -= 2)", (6, "i", 2)),
        ("for (i = 0; i <= 10; i += 5)", (3, "i", 5)),
        ("for (i = 0; i > 10; i++)", (None, "i", 1)),
        ("for (i = 0; i < n; ++i)", (None, "i", 1)),
        ("while (i < 10)", (None, None, None)),
    ],
)
def test_what_the_head_of_a_loop_says(head: str, said: tuple[int | None, str | None, int | None]) -> None:
    found = counts_of(head, None)
    assert (found.trips, found.variable, found.step) == said


def test_without_source_the_log_names_the_loop() -> None:
    for log in logs("nested"):
        found = loops(reported(log))
        assert found.levels[-1].text.startswith("for (j = 0; j < COLUMNS; j++)")
        assert found.total is None and found.room == 8192


@needs_clang_14
@pytest.mark.parametrize(("unicode", "width"), [(True, 80), (False, 80), (True, 120), (True, 40)])
@pytest.mark.parametrize("program", ["nested", "options", "variable", "through_function"])
def test_the_drawing_fits(program: str, unicode: bool, width: int) -> None:
    report = reported(logs(program)[0], True)
    drawn = render([report], "full", width=width, unicode=unicode)
    block = drawn.split("\n  the loop", 1)[1].split("\n\n", 1)[0].splitlines()
    assert all(len(line) <= width for line in block[1:])
    assert unicode or drawn.isascii()
