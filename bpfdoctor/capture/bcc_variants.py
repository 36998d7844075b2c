"""Lets BCC compile a program with other flags, and loads each: its own clang is the only one it uses."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bpfdoctor import processes
from bpfdoctor.capture import programs
from bpfdoctor.capture.touching import touching
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, RawReport, Verdict
from bpfdoctor.model.trial import Answer, Way, With

# What changes the code that BCC's LLVM makes. -mcpu does not: to its clang that names one of the host's,
# and its back end makes the first set of BPF's instructions only.
_LEVELS = ("-Os", "-O3", "-O1")
_LEVEL = re.compile(r"-O\w*")
_LONGEST = 30  # seconds of the wall clock


class BccVariants:
    """The other levels at which BCC can compile `path`; a tool names them in `BPF(…, cflags=[…])`."""

    def __init__(self, path: Path, options: CaptureOptions, compiler: str) -> None:
        self._path, self._options, self._compiler = path, options, compiler

    @property
    def identity(self) -> str:
        """What the answers depend on, beside the program: BCC, flags, how it is loaded, and where."""
        options = self._options
        return repr(
            (self._compiler, options.cflags, options.capabilities, options.prog_type, os.uname().release)
        )

    def ways(self) -> tuple[Way, ...]:
        own = [flag for flag in self._options.cflags if _LEVEL.fullmatch(flag)][-1:]
        return tuple(Way(flag, With.FLAG) for flag in _LEVELS if flag not in own)

    def answers(self, ways: Sequence[Way], names: Sequence[str], seconds: float) -> Iterator[Answer]:
        """What becomes of the programs in each way, in order; no more once `seconds` of CPU are used."""
        used = processes.seconds_of_children
        started, until = used(), time.monotonic() + _LONGEST
        for way in ways:
            if used() - started >= seconds or time.monotonic() > until:
                return
            flags = (*self._options.cflags, way.name)
            try:
                told = programs.check(self._path, replace(self._options, cflags=flags, programs=tuple(names)))
            except Problem:  # a program that this way leaves out
                told = []
            yield _answer(way, told)


def _answer(way: Way, told: Sequence[RawReport]) -> Answer:
    by_name = {raw.program.name or "": raw for raw in told if raw.program is not None}
    return Answer(
        way,
        {name: raw.insns for name, raw in by_name.items() if raw.verdict is Verdict.LOADS},
        tuple(name for name, raw in by_name.items() if raw.verdict is Verdict.REFUSED),
        _touched(next(iter(by_name.values()), None)),
    )


def _touched(raw: RawReport | None) -> frozenset[str]:
    """The user's lines whose code reads, writes or calls: the object has those of what BCC made of them."""
    if raw is None or raw.object is None:
        return frozenset()
    found = set()
    for place in touching(raw.object):
        name, _, line = place.rpartition(":")
        for each in raw.line_maps:
            if os.path.basename(each.file) == name and int(line) in each.lines:
                found.add(f"{os.path.basename(each.user_file)}:{each.lines[int(line)]}")
    return frozenset(found)
