"""Prints the paths of stored logs, one JSON a line, and of some of their values the steps that made them.

What makes a value, an operand of it, an address it was read through: as bpfdoctor/trace/slice.py says. Steps
are those of the page; the marks for where a path begins are no steps that make anything. `unset` is what
nothing had written. `filled`: a helper filled bytes that were asked about. There a slice ends, also where it
filled but some; the page goes on with the rest.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bpfdoctor import walks
from bpfdoctor.model.walk import REFUSED, Walk
from bpfdoctor.pipeline import read_log
from bpfdoctor.render.walk import data
from bpfdoctor.trace import Trace
from bpfdoctor.trace.origins import AddressOrigin, How
from bpfdoctor.trace.slice import Slice, slice_of, slice_of_slot

ROOT = Path(__file__).parents[2]
_NO_MAKERS = (How.INVALIDATED, How.ENTRY, How.UNSET, How.UNKNOWN)
_APART = 5  # steps between two whose values are asked about
_LONGEST = 190  # steps of a slice; longer ones are given up


def asked(trace: Trace, walk: Walk) -> Iterator[dict[str, object]]:
    """Every register and slot that is known at some steps, the newest among them."""
    last = len(walk.steps) - 1
    for at in range(last, 0, -_APART):
        step = trace.step(last - at)
        assert step is not None
        for frame in trace.state_before(step):
            if frame.frame != step.frame:
                continue
            for name in frame.regs:
                if name != "r10":
                    found = slice_of(trace, step, name)
                    yield from _answer(found, last, [at - 1, frame.frame, int(name[1:]), 0])
            for offset in frame.stack:
                found = slice_of_slot(trace, step, offset)
                yield from _answer(found, last, [at - 1, frame.frame, offset, 8])


def _answer(found: Slice, last: int, of: Sequence[int]) -> Iterator[dict[str, object]]:
    if len(found.steps) < _LONGEST:
        made: dict[str, set[int]] = {"value": set(), "operand": set(), "address": set(), "checked": set()}
        for each in found.steps:
            if each.how not in _NO_MAKERS:
                role = "address" if isinstance(each, AddressOrigin) else str(each.role)
                made["checked" if each.how is How.REFINED else role].add(last + 1 + each.step.number)
        unset = {f"{each.frame} {each.place}" for each in found.value if each.how is How.UNSET}
        filled = any(each.how is How.WRITTEN for each in found.steps)
        yield {
            "of": of,
            "filled": filled,
            "unset": sorted(unset),
            **{role: sorted(steps) for role, steps in made.items()},
        }


def main(logs: Sequence[str]) -> None:
    """The names of the logs are given."""
    walk_of = walks.walk_of

    def told(trace: Trace, *more: Any) -> Walk | None:
        walk = walk_of(trace, *more)
        if walk is not None and walk.ending == REFUSED:
            print(json.dumps({"walk": json.loads(data(walk)), "asked": list(asked(trace, walk))}))
        return walk

    walks.walk_of = told
    for log in logs:
        read_log(ROOT / log, stepped=True)


main(sys.argv[1:])
