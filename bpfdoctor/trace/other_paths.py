"""The paths that the verifier walked beside the one that is shown, each below the branch where it leaves it.

At level 2 a log holds every path. Between a branch and the line that takes its other way up again stands all
that was walked of the first way, and nothing else (branches.py): a piece of the log that is itself a log, and
whose newest path has other paths of its own. So each instruction of the log is in one path, and what two of
them have in common stands there once. At level 1 the kernel cuts these pieces out.

A way whose first state is known to be safe is no path: "from 27 to 32: safe" is all that the log says of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from bpfdoctor.log.events import Event, events_before
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.line import FromLine, InsnLine, SafeLine
from bpfdoctor.log.lines import read
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Buffer
from bpfdoctor.model.trace import Op
from bpfdoctor.model.walk import Ending, How
from bpfdoctor.pattern import later
from bpfdoctor.trace.branches import is_pruned
from bpfdoctor.trace.path import Trace
from bpfdoctor.trace.visits import is_return

_INSN = later(rb"^\d{1,7}: \([0-9a-f]{2}\) ", re.MULTILINE)
_SAFE = later(rb": safe\r?$", re.MULTILINE)
_EXIT = later(rb"\(95\) exit\r?$", re.MULTILINE)
_RETURN = later(rb"^returning from callee", re.MULTILINE)
_MOST_AT_ONCE = 100  # such lines behind one path


class OtherWay(NamedTuple):
    """text[start:end] was walked from the branch `at` (0 is the newest step) before the path went on."""

    at: int
    start: int
    end: int


class Counted(NamedTuple):
    """What is in such a piece: a path ends at the program's exit or in a state that is known to be safe."""

    insns: int
    exits: int
    known: int


class Ended(NamedTuple):
    """How a path ended, and the ways found to be safe at once then: (step of the branch, target)."""

    ending: Ending
    at_once: tuple[tuple[int, int], ...] = ()


def other_ways(trace: Trace, first: int, count: int) -> Iterator[OtherWay]:
    """Those that leave the path at one of `count` steps from `first` on (0 is the newest), newest first."""
    for at, _ in enumerate(islice(trace.steps(), first, first + count), first):
        newer = trace.visit(at - 1)
        if newer is not None and newer.explored is not None and newer.explored[0] < newer.explored[1]:
            yield OtherWay(at, *newer.explored)


def counted(text: Buffer, way: OtherWay) -> Counted:
    """What was walked there; reads it all."""
    piece = bytes(text[way.start : way.end])
    ends = len(_EXIT.findall(piece)) - len(_RETURN.findall(piece))
    return Counted(len(_INSN.findall(piece)), ends, len(_SAFE.findall(piece)))


def newest(trace: Trace, end: int) -> Trace:
    """The newest path of the log up to `end`, where a way's piece ends; `trace` is that of it all."""
    return Trace(replace(trace.transcript, log_end=end, blocks=()), trace)


def ended(path: Trace) -> Ended:
    """How a path ended that was not refused."""
    text, low = path.transcript.text, path.transcript.log_start
    ending = Ending(How.ELSE)
    safe: list[Event] = []
    for event in events_before(text, low, path.transcript.log_end):
        if event.kind is Kind.FROM and is_pruned(event) and not is_return(text, low, event):
            safe.append(event)
        elif event.kind in (Kind.FROM, Kind.SAFE, Kind.INSN):
            line = read(event)
            if isinstance(line, SafeLine):
                ending = Ending(How.KNOWN, line.at)
            elif isinstance(line, FromLine):
                ending = Ending(How.KNOWN, line.target)
            elif isinstance(line, InsnLine) and line.insn.op is Op.EXIT:
                ending = Ending(How.EXIT)
            break
    return Ended(ending, tuple(_at_once(path, safe[:_MOST_AT_ONCE])))


def _at_once(path: Trace, safe: list[Event]) -> Iterator[tuple[int, int]]:
    """The ways that the lines are about; the branches are steps of this path, newer ones first."""
    at = 0
    for event in reversed(safe):
        line = read(event)
        if not isinstance(line, FromLine):
            continue
        branch = path.branches.taken_up(event.start, line.source, line.target)
        if branch is None:
            continue
        while (step := path.step(at)) is not None and step.offset > branch:
            at += 1
        if step is not None and step.offset == branch:
            yield at, line.target
