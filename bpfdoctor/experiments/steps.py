"""States of a file from its refused programs to ones that load, and what leads from one to the next."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Protocol

from bpfdoctor import processes
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Fix, FixOutcome, FixStatus, Report, Safety
from bpfdoctor.model.edits import apply, lines
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Verdict
from bpfdoctor.pattern import later

_NUMBERED = later(r"^[^\s:]+:\d+:\d+: ")  # a compiler's place moves with each line that is put in before it
_TOKEN = later(r"\w+|[^\w\s]")
_SEARCHED = 2  # patches that the search may try for each second that there is


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: a report for each program, and its object, b"" where there is none."""

    reports: Sequence[Report]
    object: bytes = b""
    is_known: bool = False  # that the wanted program does not load, whenever it is asked


@dataclass(frozen=True, slots=True)
class Group:
    """Patches of which at most one is wanted. `corrects`: of the very check that is at fault; `meant`: of one
    that does nothing as it is, so that another check beside it can't be what its author wanted.
    """

    fixes: Sequence[Fix]
    corrects: bool = False
    meant: bool = False


class Workshop(Protocol):
    """What trying patches takes."""

    def loaded(self, texts: Mapping[str, str], wanted: str = "") -> Loaded:
        """The file compiled and loaded with some texts in the place of its files'; refusals are explained.

        Where only its loading is of interest, `wanted` names the program: without it nothing may be told.
        """

    def candidates(self, refused: Diagnosis, texts: Mapping[str, str]) -> Iterator[Group]:
        """Groups of patches that may help, the likeliest group first."""

    def runnable(self, elf: bytes, program: str) -> Runnable | None:
        """A program of an object for the concrete machine; None where it can't be prepared."""


class Budget:
    """CPU seconds of this process and those that it starts: a busy machine does not change the answer.

    What the search tries is counted, so that it comes to the same end every run.
    """

    def __init__(self, seconds: float) -> None:
        self._until = _used() + seconds
        self._searches = int(seconds * _SEARCHED)

    @property
    def is_spent(self) -> bool:
        return _used() > self._until

    def one_search(self) -> bool:
        """Whether one more patch may be tried by the search; it counts."""
        self._searches -= 1
        return self._searches >= 0 and not self.is_spent


def _used() -> float:
    return time.process_time() + processes.seconds_of_children()


@dataclass(frozen=True, slots=True)
class Step:
    """A state of the file: its texts, and what became of its programs."""

    texts: Mapping[str, str]
    reports: Sequence[Report]
    object: bytes = b""
    titles: tuple[str, ...] = ()
    safety: Safety = Safety.SAFE

    def of(self, report: Report) -> Report | None:
        """What became of the program of another report."""
        return next(
            (each for each in self.reports if each.program and name_of(each) == name_of(report)), None
        )

    def is_worse_than(self, before: Step) -> bool:
        """Whether another program that loaded does not any more."""
        loaded = {name_of(report) for report in before.reports if report.verdict is Verdict.LOADS}
        return not loaded <= {name_of(report) for report in self.reports if report.verdict is Verdict.LOADS}


def after(step: Step, fix: Fix, shop: Workshop, wanted: str = "") -> Step | None:
    """The file with one more patch; None where a text is not at hand, or nothing changes.

    `wanted`: see Workshop.loaded.
    """
    texts = dict(step.texts)
    for file in dict.fromkeys(edit.file for edit in fix.edits):
        if file not in texts:
            return None
        texts[file] = apply(texts[file], [edit for edit in fix.edits if edit.file == file])
    if texts == step.texts:
        return None
    worst = Safety.UNSAFE if Safety.UNSAFE in (step.safety, fix.safety) else step.safety
    found = shop.loaded(texts, wanted)
    return Step(texts, found.reports, found.object, (*step.titles, fix.title), worst)


def name_of(report: Report) -> str | None:
    return report.program.name if report.program else None


def outcome_of(loaded: Report) -> FixOutcome:
    """That of a patch with which a program loads."""
    kernel = loaded.kernel
    release, held = (kernel.release, kernel.capabilities) if kernel is not None else (None, None)
    return FixOutcome(FixStatus.LOADS, release, held, loaded.insns)


def refusal(report: Report) -> Diagnosis | None:
    return report.diagnoses[-1] if report.verdict is Verdict.REFUSED and report.diagnoses else None


def words(refused: Diagnosis | None) -> tuple[object, ...]:
    """What tells one refusal from another: what is said, and of which line of text."""
    if refused is None:
        return ()
    place = refused.location
    said = tuple(_NUMBERED.sub("", line) for line in refused.finding.block.lines)
    return (refused.rule, said, place.text if place else None)


@lru_cache(maxsize=8)  # of one patch several ask
def differences(before: str, after: str) -> Sequence[tuple[str, int, int, int, int]]:
    """The opcodes of difflib, in lines."""
    return SequenceMatcher(None, lines(before), lines(after), autojunk=False).get_opcodes()


def edits(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Edit]:
    """The difference of two states of the texts."""
    for file, text in before.items():
        new = lines(after[file])
        for tag, first, last, start, end in differences(text, after[file]):
            if tag != "equal":
                yield Edit(file, first + 1, last, tuple(line.rstrip("\r\n") for line in new[start:end]))


def taken_out(before: Mapping[str, str], after: Mapping[str, str]) -> Counter[str]:
    """The words and signs that the texts had and have no more; what was only moved is none of them."""
    lost = Counter[str]()
    for file, text in before.items():
        lost += Counter(_TOKEN.findall(text)) - Counter(_TOKEN.findall(after[file]))
    return lost
