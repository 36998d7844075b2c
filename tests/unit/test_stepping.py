"""The refused path, step by step, from stored logs."""

from __future__ import annotations

import json
import pickle
import re
from itertools import islice, pairwise

import pytest

from bpfdoctor import model_json, stepping
from bpfdoctor.log.insn import parse_insn
from bpfdoctor.log.state import parse_state
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Kernel
from bpfdoctor.model.walk import Held, Made, Source, Spot, Walk, Walked
from bpfdoctor.pipeline import read_log
from bpfdoctor.render import render
from bpfdoctor.render.walk import data, script
from bpfdoctor.trace import flow
from tests.cli.command import ROOT

CASE = ROOT / "corpus/cases/packet-bounds/udp-after-ip-check"
LOG = next((CASE / "logs").glob("6.12*-l1.log"))


def stepped(*, source: bool = False) -> Report:
    (report,) = read_log(LOG, [str(CASE / "prog.bpf.c")] if source else (), stepped=True)
    return report


def walk(*, source: bool = False) -> Walk:
    found = stepped(source=source).walk
    assert found is not None
    return found


def test_each_step_says_what_it_changed_and_what_the_kernel_printed() -> None:
    (step,) = (each for each in walk().steps if each.text == "r3 += 34")
    assert step.changed == (Held(0, "r3", "packet pointer, offset 34, no bytes checked"),)
    assert step.reads == ("r3",)
    assert step.printed == (("R3_w=pkt(off=34,r=0)", "packet pointer, offset 34, no bytes checked"),)


def test_what_a_branch_teaches_is_its_change() -> None:
    (step,) = (each for each in walk().steps if each.insn == 5)
    assert (step.kind, step.target, step.taken) == ("branch", 17, False)
    assert Held(0, "r1", "packet pointer, 34 bytes checked") in step.changed
    assert set(step.checked) == {Spot(0, "r1"), Spot(0, "r2"), Spot(0, "r3")}


def test_the_last_step_is_the_refused_one_and_changes_nothing() -> None:
    found = walk()
    assert found.steps[-1].insn == 13 and found.steps[-1].changed == ()
    assert [at for at, _ in found.matters][-1] == len(found.steps) - 1
    assert all(one < other for (one, _), (other, _) in pairwise(found.matters))


def test_a_step_that_matters_says_why_also_where_its_instruction_comes_again() -> None:
    (log,) = (ROOT / "corpus/cases/infinite-loop/condition-never-changes/logs").glob("6.1.*-l1.log")
    (report,) = read_log(log, stepped=True)
    assert report.walk is not None
    lit = [(report.walk.steps[at].insn, why) for at, why in report.walk.matters]
    assert [insn for insn, _ in lit].count(3) == 3
    assert all(why and not why[0].isdigit() for _, why in lit)


def test_a_state_of_the_way_that_was_explored_before_is_not_shown() -> None:
    log = next((ROOT / "corpus/cases/return-value-range/cgroup-returns-two/logs").glob("6.18*-l2.log"))
    (report,) = read_log(log, stepped=True)
    assert report.walk is not None
    step = report.walk.steps[2]
    assert (step.kind, step.taken, step.printed) == ("branch", True, ())
    assert step.changed[0].place == "r1" and step.changed[0].value == "2"
    assert "r1 is" not in report.diagnoses[0].flow[0].text


def test_lines_are_those_of_the_path_and_with_the_source_those_between() -> None:
    bare, whole = walk(), walk(source=True)
    assert len(whole.lines) > len(bare.lines)
    for found in (bare, whole):
        line = found.steps[-1].line
        assert line is not None and "udp->dest" in found.lines[line].text


def test_each_step_says_what_its_values_are_made_of() -> None:
    log = next(
        (ROOT / "corpus/cases/spilled-pointer-overwritten/callback-writes-it/logs").glob("6.12*-l1.log")
    )
    found = read_log(log, stepped=True)[0].walk
    assert found is not None
    made = {each.words: each for step in found.steps for each in step.made}
    given = made["handed to the callback by bpf_loop"]
    assert given == Made(given.words, (Spot(1, "r2"),), (Source(Spot(0, "r3"), "value"),))
    through_the_callers = [each.to for step in found.steps if step.insn == 18 for each in step.made]
    assert through_the_callers == [(Spot(0, "fp-16", 8),)]
    assert made["read back from fp-16"].of == (Source(Spot(0, "fp-16", 8), "value"),)
    lost = made["made unreadable by the call of bpf_loop"]
    assert [spot.place for spot in lost.to] == ["r1", "r2", "r3", "r4", "r5"]


def test_a_long_path_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "MOST", 5)
    found = walk()
    assert found.is_cut and [step.insn for step in found.steps] == [9, 10, 11, 12, 13]
    assert Held(0, "r1", "packet pointer, 34 bytes checked") in found.begins


def test_who_does_not_ask_gets_no_path() -> None:
    (report,) = read_log(LOG)
    assert report.walk is None
    assert "<script" not in render([report], "html")


def test_a_path_can_be_kept() -> None:
    found = walk()
    assert pickle.loads(pickle.dumps(found)) == found == model_json.read(model_json.written(found))


def test_the_page_runs_its_own_script_alone() -> None:
    text = render([stepped()], "html")
    assert re.findall("script-src ([^;]*);", text)[0].startswith("'sha256-")
    assert text.count("<script") == 2 == text.count("</script")
    assert not re.search(r"""(src|href)\s*=|url\(|@import|innerHTML|eval\(""", text)


def test_the_script_s_modules_can_be_one_program() -> None:
    text, _ = script()
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    assert len(names) > 50 and {name for name in names if names.count(name) > 1} == set()
    assert not re.search(r"^(import|export)\b", text, re.MULTILINE)


def test_a_page_has_room_for_so_many_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    report = stepped()
    assert report.walk
    monkeypatch.setattr("bpfdoctor.render.walk.MOST_LETTERS", len(data(report.walk)) + 10)
    text = render([report, report], "html")
    assert text.count('class="walk"') == 1 == text.count("The 14 steps of the refused path are left out")


def test_of_several_kernels_each_path_says_whose_it_is() -> None:
    reports = [replace(stepped(), kernel=Kernel(release)) for release in ("5.10.218", "6.12.118")]
    said = re.findall("Step through the refused path: (.*?) <span", render(reports, "html"))
    assert [each.rsplit(" on ", 1)[1] for each in said] == ["5.10.218", "6.12.118"]


def test_a_finding_that_was_left_out_leaves_no_path() -> None:
    assert "<script" not in render([replace(stepped(), diagnoses=())], "html")


def test_nothing_in_the_data_ends_its_element_or_is_a_command() -> None:
    bad = "</script><!--<script>\u202e##[error]"
    text = data(Walk((Walked(0, bad, "move", printed=((bad, bad),)),), matters=((0, bad),)))
    assert "<" not in text and "##" not in text and "\u202e" not in text
    assert json.loads(text)["texts"][0] == bad.replace("\u202e", "\\u202e")


def test_a_mistake_of_ours_costs_the_path_and_not_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bpfdoctor.walks.walk_of", fails)
    report = stepped()
    assert report.walk is None and report.diagnoses[0].rule == "packet-bounds"
    assert "the path's steps are missing" in report.notes[-1]


def test_frames_and_pointers_that_no_kernel_prints_cost_nothing() -> None:
    """The first was a state for each of a billion frames, the second a place for each slot below it."""
    assert parse_state("frame1000000000: R1=5") is None
    helper = parse_insn(7, "(85) call bpf_ringbuf_reserve_dynptr#198")
    state = parse_state("R4=fp-4294967295")
    assert helper is not None and state is not None
    assert len(list(islice(flow._pointed(helper, state), 100))) < 100
