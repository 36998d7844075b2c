"""Asks compilers and kernels about a file's refused programs, within a budget, and remembers the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Protocol

from bpfdoctor import cached
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trial import Answer, Way, With

SECONDS = 3.0  # of CPU, for all compilers together; each kernel gets as much for each program
_FORMAT = "4"
_KEPT = 200  # files whose answers are remembered


class Compilers(Protocol):
    """Compiles the program otherwise and loads it."""

    @property
    def identity(self) -> str:
        """Everything that the answers depend on, beside the program."""

    def ways(self) -> tuple[Way, ...]:
        """The ways there are, the best first."""

    def answers(self, ways: Sequence[Way], programs: Sequence[str], seconds: float) -> Iterator[Answer]:
        """What came of each, in order; it ends early when time is up."""


class Kernels(Protocol):
    """Loads the object on other kernels."""

    @property
    def identity(self) -> str:
        """Everything that the answers depend on, beside the object."""

    def ways(self) -> tuple[Way, ...]:
        """The kernels that can be asked."""

    def answers(
        self, ways: Sequence[Way], elf: bytes, programs: Sequence[str], seconds: float
    ) -> Iterator[Answer]:
        """What each said."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: a file's object, the text that it was compiled from, and the refused programs."""

    elf: bytes
    texts: tuple[str, ...]
    programs: tuple[str, ...]


def tried(subject: Subject, compilers: Compilers | None, kernels: Kernels | None) -> tuple[Answer, ...]:
    """Compilers first, until every program loads; then the kernels, about those that no compiler helps."""
    answers = list(_by_compilers(subject, compilers)) if compilers is not None else []
    loaded = {name for answer in answers for name in answer.loads}
    left = tuple(name for name in subject.programs if name not in loaded)
    if kernels is not None and left:
        answers += _by_kernels(subject, left, kernels)
    return tuple(answers)


def _by_compilers(subject: Subject, compilers: Compilers) -> Sequence[Answer]:
    entry = _entry("compilers", subject, subject.programs, compilers.identity)
    if (known := _remembered(entry)) is not None:
        return known
    ways = compilers.ways()
    answers: list[Answer] = []
    for answer in compilers.answers(ways, subject.programs, SECONDS):
        answers.append(answer)
        if {name for each in answers for name in each.loads} >= set(subject.programs):
            break
    else:
        if len(answers) < len(ways):
            return answers  # time was up: there may be more to find out
    _remember(entry, answers)
    return answers


def _by_kernels(subject: Subject, programs: tuple[str, ...], kernels: Kernels) -> Sequence[Answer]:
    ways = kernels.ways()
    if not ways:
        return ()
    entry = _entry("kernels", subject, programs, kernels.identity)
    if (known := _remembered(entry)) is not None:
        return known
    answers = list(kernels.answers(ways, subject.elf, programs, SECONDS))
    if len(answers) == len(ways):
        _remember(entry, answers)
    return answers


def _entry(kind: str, subject: Subject, programs: Sequence[str], identity: str) -> str:
    """The object stands for the headers, too: it has all that the compiler made of them, and its version."""
    return f"tried_{kind}-{cached.key(_FORMAT, subject.elf, *subject.texts, repr(programs), identity)}.json"


def _remembered(entry: str) -> list[Answer] | None:
    data = cached.read(entry)
    try:
        rows = json.loads(data) if data else None
        return None if rows is None else [_answer(**row) for row in rows]
    except (ValueError, TypeError, KeyError):
        return None


def _answer(
    way: dict[str, str], loads: dict[str, int | None], refused: list[str], touches: list[str] | None
) -> Answer:
    lines = None if touches is None else frozenset(touches)
    return Answer(Way(way["name"], With(way["changes"])), loads, tuple(refused), lines)


def _remember(entry: str, answers: Sequence[Answer]) -> None:
    cached.write(entry, json.dumps([asdict(answer) for answer in answers], default=sorted).encode(), _KEPT)
