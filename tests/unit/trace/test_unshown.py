"""Who asks for what a log does not show is told so, and what it is."""

from __future__ import annotations

from bpfdoctor.trace.slice import slice_of
from bpfdoctor.trace.unshown import Search, Unshown
from tests.unit.trace.trace_logs import step_at, trace

CUT = "7: (b7) r1 = 3\n8: (bf) r0 = r6\n9: (95) exit\n"
WHOLE = "0: (b7) r1 = 3\n1: (bf) r0 = r6\n2: (95) exit\n"


def test_a_value_that_is_older_than_the_log_is_not_shown() -> None:
    found = trace(CUT)
    step = step_at(found, 9)
    search = found.search()
    slice_of(found, step, "r0")
    assert search.unshown is Unshown.STEPS


def test_a_value_that_the_log_shows_is_shown_although_the_log_is_cut() -> None:
    found = trace(CUT)
    step = step_at(found, 8)
    search = found.search()
    slice_of(found, step, "r1")
    assert search.unshown is None


def test_a_whole_log_shows_all_that_is_asked() -> None:
    found = trace(WHOLE)
    search = found.search()
    assert len(list(found.steps())) == 3
    slice_of(found, step_at(found, 2), "r0")
    assert search.unshown is None


def test_each_search_is_told_its_own() -> None:
    found = trace(CUT)
    first = found.search()
    list(found.steps())
    second = found.search()
    assert (first.unshown, second.unshown) == (Unshown.STEPS, None)


def test_missing_steps_are_graver_than_missing_states() -> None:
    search = Search()
    told = []
    for each in (Unshown.STATES, Unshown.STEPS, Unshown.STATES):
        search.miss(each)
        told.append(search.unshown)
    assert told == [Unshown.STATES, Unshown.STEPS, Unshown.STEPS]
