"""What belongs together, by the kinds of lines alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor import resources
from bpfdoctor.log.events import events_of
from bpfdoctor.log.kinds import VERIFIER
from bpfdoctor.log.shape import Log, ShapeParser, log_of
from bpfdoctor.parser import Token
from tests.unit.log.texts import REPORTED, log

_DECLARED = re.compile(r"^%declare (.*)$", re.MULTILINE)
TERMINALS = " ".join(_DECLARED.findall((resources.folder("grammars") / "log.lark").read_text())).split()


def grouped(terminals: str) -> list[str]:
    """The attempts, and what stands between them, of a sequence of terminals."""
    parser = ShapeParser()
    for at, terminal in enumerate(terminals.split()):
        parser.feed(terminal, at, events_of(b"%d: safe" % at, at))
    return [part.type if isinstance(part, Token) else " ".join(map(_name, part)) for part in parser.end()]


def _name(part: Token | Log) -> str:
    return "log" if isinstance(part, Log) else part.type


@pytest.mark.parametrize(
    ("terminals", "attempts"),
    [
        ("FAILED BEGIN STEPS SAID STATS BESIDE CLOSING", ["FAILED BEGIN log BESIDE CLOSING"]),
        ("BEGIN STEPS SAID POST BESIDE", ["BEGIN log POST BESIDE"]),
        ("STEPS SAID STATS NEXT STEPS SAID STATS", ["log", "NEXT", "log"]),
        ("FAILED BEGIN SAID FAILED BEGIN SAID", ["FAILED BEGIN log", "FAILED BEGIN log"]),
        ("FAILED FAILED", ["FAILED", "FAILED"]),
        ("BESIDE CLOSING BESIDE CLOSING", ["BESIDE CLOSING", "BESIDE CLOSING"]),
        ("SAID OPTIONAL BEGIN STEPS", ["log OPTIONAL", "BEGIN log"]),
        ("BESIDE COMPILATION FAILED", ["BESIDE", "COMPILATION", "FAILED"]),
        ("WARNED FAILED BEGIN STEPS CUT STEPS SAID", ["WARNED FAILED BEGIN log"]),
    ],
)
def test_an_attempt_has_one_log_and_what_is_said_around_it(terminals: str, attempts: list[str]) -> None:
    assert grouped(terminals) == attempts


@settings(deadline=None)
@given(st.lists(st.sampled_from(TERMINALS), max_size=40))
def test_every_order_of_lines_has_a_shape_and_nothing_is_lost(terminals: list[str]) -> None:
    log_terminals = {"STEPS", "SAID", "REPORT", "STATS", "ASIDE", "CUT"}
    parts = " ".join(grouped(" ".join(terminals))).split()
    others = [terminal for terminal in terminals if terminal not in log_terminals]
    assert [part for part in parts if part != "log"] == others


@pytest.mark.parametrize("text", [REPORTED, log("packet"), log("null-in-callee-l2")])
def test_what_is_said_at_the_end_begins_after_the_last_step(text: str) -> None:
    lines = events_of(text.removesuffix("\n").encode())
    found = log_of(lines)
    assert [line.start for line in found.lines] == [line.start for line in lines]
    assert found.lines[found.ending - 1].kind in VERIFIER
    assert not {line.kind for line in found.said} & VERIFIER
