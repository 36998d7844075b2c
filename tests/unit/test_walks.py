"""Other paths beside the one that is shown: from logs at level 2, which hold every path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bpfdoctor import walks
from bpfdoctor.log.events import events_after
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.line import InsnLine
from bpfdoctor.log.lines import read as read_line
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.model.walk import How, OtherPaths, Walk, Walked
from bpfdoctor.source import Source
from bpfdoctor.trace import Trace
from bpfdoctor.walks import Walks
from tests.unit.trace.trace_logs import DATA, HOST

LOADS = sorted((DATA.parent / "loads").glob("*.log"))
LOGS = [*sorted(DATA.glob("*/*-l2.log")), *LOADS]


def of(log: bytes, *, refused: bool = True) -> Walks:
    raw = RawReport(log, "a.log", Flavour.LOG, Stage.VERIFIER)
    part = Transcript(raw, log, log_start=0, log_end=len(log))
    return Walks(Trace(part), Source(raw, part), (), refused=refused)


def shown(path: Path) -> list[Walk]:
    """Of each run the path that is shown."""
    return of(path.read_bytes(), refused=path not in LOADS).shown()


def whole_tree(walk: Walk) -> Iterator[tuple[Walk, OtherPaths | None]]:
    """Every path, with where it leaves another one."""
    yield walk, None
    for other in walk.others:
        assert other.walk is not None
        paths = whole_tree(other.walk)
        yield next(paths)[0], other
        yield from paths


def whole_paths(walk: Walk, before: tuple[Walked, ...] = ()) -> Iterator[tuple[Walk, tuple[Walked, ...]]]:
    """Every path from the beginning of the log: as the view puts them together."""
    steps = (*before, *walk.steps)
    yield walk, steps
    for other in walk.others:
        if other.walk is not None:
            yield from whole_paths(other.walk, steps[: len(before) + other.step])


@pytest.fixture
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_PATHS", "MOST_STEPS"):
        monkeypatch.setattr(walks, name, 10_000)


LOG = DATA / HOST / "leak-l2.log"


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def instructions(log: bytes) -> list[tuple[int, str]]:
    """Of the whole log, in its order."""
    lines = (read_line(event) for event in events_after(log, 0, len(log)) if event.kind is Kind.INSN)
    return [(line.insn.index, line.insn.text) for line in lines if isinstance(line, InsnLine)]


def follows(step: Walked, newer: Walked) -> bool:
    return step.kind in ("call", "exit") or 0 <= newer.insn - step.insn <= 2 or newer.insn == step.target


@pytest.mark.usefixtures("no_limit")
@pytest.mark.parametrize("path", LOGS, ids=named)
def test_each_instruction_of_the_log_is_in_one_path(path: Path) -> None:
    own = [
        (step.insn, step.text)
        for root in shown(path)
        for walk, way in whole_tree(root)
        for step in walk.steps[way is not None :]  # the branch is of the path that it leaves
    ]
    assert sorted(own) == sorted(instructions(path.read_bytes()))


@pytest.mark.usefixtures("no_limit")
@pytest.mark.parametrize("path", LOGS, ids=named)
def test_a_path_has_the_log_s_order_and_the_states_that_are_printed(path: Path) -> None:
    lines = instructions(path.read_bytes())
    for root in shown(path):
        begins = {(held.frame, held.place): held.value for held in root.begins}
        for _, steps in whole_paths(root):
            rest = iter(lines)
            assert all((step.insn, step.text) in rest for step in steps)
            assert all(follows(step, newer) for step, newer in pairwise(steps))
            known = dict(begins)
            for step in steps:
                known |= {(held.frame, held.place): held.value for held in step.changed}
                for text, meaning in step.printed:
                    place = re.split("[=_]", text)[0].lower()
                    # Up to 6.1 nothing says whose stack it is; what was done says so.
                    held = {known[step.frame, place], known[step.frame, place].replace(" of frame 0", "")}
                    assert meaning in held, (step.insn, text)


@pytest.mark.usefixtures("no_limit")
@pytest.mark.parametrize("path", LOGS, ids=named)
def test_what_a_folded_row_counts_is_there(path: Path) -> None:
    for root in shown(path):
        for walk, _ in whole_tree(root):
            for other in walk.others:
                assert other.walk is not None
                paths = [each for each, _ in whole_tree(other.walk)]
                at_once = sum(len(each.at_once) for each in paths)
                assert other.insns == sum(len(each.steps) - 1 for each in paths)
                assert other.exits == sum(each.ending.how is How.EXIT for each in paths)
                assert other.known == sum(each.ending.how is How.KNOWN for each in paths) + at_once
                assert other.target == other.walk.steps[1].insn


@pytest.mark.parametrize("path", [path for path in LOADS if "ways" in path.name], ids=named)
def test_a_program_that_loads_is_stepped_through_and_its_global_function_too(path: Path) -> None:
    program, function = shown(path)
    assert program.function == "" and program.ending.how in (How.EXIT, How.KNOWN)
    assert program.steps[0].insn == 0 and not program.is_cut
    assert function.function == "verdict" and function.steps[0].text == "w0 = 1"


def test_the_rest_is_told_and_given_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = shown(LOG)
    monkeypatch.setattr(walks, "MOST_PATHS", 0)
    found = of(LOG.read_bytes())
    (walk,) = found.shown()
    assert walk.others
    for told, asked in zip(walk.others, whole.others, strict=True):
        assert told == replace(asked, walk=None)
        other = found.other(walk.end, len(walk.steps) - 1 - told.step)
        assert asked.walk is not None and other is not None
        assert other.steps == asked.walk.steps


def test_what_is_too_much_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "MOST_BYTES", 10)
    (walk,) = shown(LOG)
    assert walk.others and all(each.insns is None and each.walk is None for each in walk.others)


def test_older_steps_are_given_by_the_part(monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = shown(LOG)
    monkeypatch.setattr("bpfdoctor.stepping.MOST", 7)
    found = of(LOG.read_bytes())
    parts = found.shown()
    while parts[0].is_cut:
        older = found.older(whole.end, sum(len(each.steps) for each in parts))
        assert older is not None
        parts.insert(0, older)
    steps = [(step.insn, step.changed) for part in parts for step in part.steps]
    assert steps == [(step.insn, step.changed) for step in whole.steps] and len(parts) > 2
    assert parts[0].begins == whole.begins
    assert sum(len(part.others) for part in parts) == len(whole.others)
    assert found.older(whole.end, len(whole.steps)) is None
