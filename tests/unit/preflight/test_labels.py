"""A section that names no place: nobody knows what its loader does, so nothing is claimed."""

from __future__ import annotations

import pytest

from bpfdoctor import catalogue
from bpfdoctor.model.preflight import Answer, Wants
from bpfdoctor.model.record import replace
from bpfdoctor.preflight.flight import flight_of
from bpfdoctor.preflight.sections import of_section
from bpfdoctor.preflight.system.host import Host

CALLED = Wants("raw_tracepoint", map_types=(("tails", 3),))


@pytest.mark.parametrize(
    ("section", "wants", "answer"),
    [
        ("raw_tp/no_such_event", Wants(), Answer.WILL_NOT),
        ("raw_tp/prog", Wants(), Answer.UNKNOWN),  # its own name
        ("raw_tp/no_such_event", CALLED, Answer.UNKNOWN),
        ("raw_tp/sched_swich", CALLED, Answer.WILL_NOT),  # sched_switch may be meant
        ("uprobe/dummy:SSL_read", Wants(), Answer.UNKNOWN),
        ("uprobe/no-such-file:SSL_read", Wants(), Answer.WILL_NOT),
    ],
)
def test_a_label_is_no_place(section: str, wants: Wants, answer: Answer) -> None:
    hook = replace(of_section("prog", section), wants=wants)
    assert flight_of(hook, Host(), catalogue.load(), loads=True).answer is answer
