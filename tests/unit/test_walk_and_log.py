"""The walk says what the log says: compared line by line, lines are split by the test itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bpfdoctor import stepping, walks
from bpfdoctor.log.state import parse_state
from bpfdoctor.model.walk import Walk
from bpfdoctor.pipeline import read_log
from bpfdoctor.trace import Trace
from tests.cli.command import ROOT

LOGS = sorted((ROOT / "corpus/cases").glob("*/*/logs/*.log"))
EVERY = 29  # of 6,900 logs, of all kernels and both levels: two seconds of CPU

INSN = re.compile(r"(\d+): (?:\(..\) (?:.*?)(?: ?; ?(?=R\d|fp-|frame\d)(.*))?$|BUG|<)")
GLUED = re.compile(r" (\d+): ?((?:R\d|frame\d).*)")
FROM = re.compile(r"from \d+ to (\d+)(?: \(.*\))?: (.*)")
HERE = re.compile(r"(\d+): ?((?:R\d|frame\d).*)")
CALL = re.compile(r"callee|to caller")
NAME = re.compile(r"(?:(?<=^)|(?<= ))(R\d+|fp-\d+)(?:_\w+)?=")

State = dict[tuple[int, str], str]


def traced(log: Path) -> tuple[Trace, Walk] | None:
    """The path of a stored log with what the walk says of it; None where the log shows no path."""
    found: list[tuple[Trace, Walk | None]] = []
    walk_of = stepping.walk_of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walks, "walk_of", lambda trace, *rest: found.append((trace, walk_of(trace, *rest))))
        read_log(log, stepped=True)
    if not found or found[0][1] is None:
        return None
    return found[0][0], found[0][1]


def printed(state: str) -> Iterator[tuple[tuple[int, str], str, str]]:
    """Each place of a state, as it is printed, and what that means."""
    frame = re.match(r" ?frame(\d+)", state)
    for found in NAME.finditer(state):
        end, depth = found.end(), 0
        while end < len(state) and (depth or state[end] != " "):
            depth += {"(": 1, ")": -1}.get(state[end], 0)
            end += 1
        text, name = state[found.start() : end], found[1].lower()
        read = parse_state(text)
        assert read is not None, text
        held = read.regs[name] if name[0] == "r" else read.stack[int(name[2:])]
        yield (int(frame[1]) if frame else 0, name), text, stepping._Words().of(held)


def differs(said: str | None, means: str, text: str, kernel: str) -> bool:
    """Up to 6.1 a log says less: not whose stack a pointer is to, no limits of a spilled number."""
    if kernel.startswith(("5.10", "6.1.")):
        if text.startswith("fp-") and "(" not in text:
            return said is None
        return re.sub(r" of frame \d+", "", said or "") != means
    return said != means


@pytest.mark.parametrize("first", range(5))
def test_the_walk_says_what_its_log_says(first: int) -> None:
    steps = 0
    for log in LOGS[first * EVERY :: EVERY * 5]:
        if (found := traced(log)) is not None:
            steps += len(found[1].steps)
            assert list(faults(*found, log.name)) == [], log
    assert steps > 300


def faults(trace: Trace, walk: Walk, kernel: str) -> Iterator[tuple[object, ...]]:
    text = bytes(trace.transcript.text).decode("latin-1")  # a step's offset is one of bytes
    steps = [trace.step(at) for at in range(len(walk.steps))][::-1]
    state: State = {(each.frame, each.place): each.value for each in walk.begins}
    for at, (step, said, newer) in enumerate(zip(steps, walk.steps, [*steps[1:], None], strict=True)):
        assert step is not None
        state.update({(each.frame, each.place): each.value for each in said.changed})
        line, *between = text[step.offset : newer.offset if newer else step.offset + 10_000].split("\n")
        shown = INSN.match(line)
        assert shown is not None and int(shown[1]) == said.insn, line
        meanings = dict(said.printed)
        for place, token, means in printed(shown[2] or ""):
            if token not in meanings:  # another way was explored first, or a loop was found
                last_way = newer is None or newer.came_from == said.insn or newer.frame > said.frame
                if not last_way or said.kind not in ("branch", "call"):
                    yield at, line, token, "is not shown"
            elif differs(meanings[token], means, token, kernel):
                yield at, line, token, meanings[token]
            elif newer is not None and differs(state.get(place), means, token, kernel):
                yield at, line, token, state.get(place)
        if newer is None:
            return
        for whole in states_before(line, between, newer.insn.index):
            for place, token, means in printed(whole):
                if differs(state.get(place), means, token, kernel):
                    yield at, line, whole, token, state.get(place)


def states_before(line: str, between: list[str], insn: int) -> Iterator[str]:
    """The state that the log prints for the way that goes on at `insn`: the newest of them."""
    kept = ""
    if (glued := GLUED.search(line)) and ";" not in line[: glued.start()] and int(glued[1]) == insn:
        kept = glued[2]
    for above, each in pairwise(["", *between]):
        found = FROM.match(each) or HERE.match(each)
        if found and int(found[1]) == insn:
            kept = found[2]
        elif CALL.match(above) and each.startswith(" "):
            kept = each
    if kept:
        yield kept
