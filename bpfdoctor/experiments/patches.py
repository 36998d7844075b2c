"""Tries the patches of a refused file: each alone, and on with the next refusal, until its programs load."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Protocol

from bpfdoctor import processes
from bpfdoctor.experiments import meaning
from bpfdoctor.experiments.meaning import Refused
from bpfdoctor.machine.concrete.program import Program
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Fix, FixOutcome, FixStatus, Report, Safety
from bpfdoctor.model.edits import apply, lines
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Verdict

_ORDER = (FixStatus.LOADS, FixStatus.STILL_REFUSED, FixStatus.NOT_TRIED)
_RUN_SECONDS = 0.3  # of CPU, for running a program before and after a patch
MOST_STEPS = 6  # refusals that one patch mends, one after the other


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: a report for each program, and its object, b"" where there is none."""

    reports: Sequence[Report]
    object: bytes = b""


class Workshop(Protocol):
    """What trying patches takes."""

    def loaded(self, texts: Mapping[str, str]) -> Loaded:
        """The file compiled and loaded with some texts in the place of its files'; refusals are explained."""

    def runnable(self, elf: bytes, program: str) -> Program | None:
        """A program of an object for the concrete machine; None where it can't be prepared."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A state of the file: its texts, and what became of its programs."""

    texts: Mapping[str, str]
    reports: Sequence[Report]
    object: bytes = b""
    titles: tuple[str, ...] = ()
    safety: Safety = Safety.SAFE


def tried(start: Loaded, texts: Mapping[str, str], shop: Workshop, seconds: float) -> list[Report]:
    """The reports with the outcome of every patch that there was time for; the same answer every run.

    A patch that is refused with the same words is taken out: it helps nobody. `seconds` of CPU are for
    all programs together; at least one patch of each is tried.
    """
    until = _used() + seconds
    first = _Step(texts, start.reports, start.object)
    return [_of_program(report, first, shop, until) for report in start.reports]


@dataclass(frozen=True, slots=True)
class Mended:
    """A file after `applied`, the first patch that loads of each refused program in turn.

    `first` is what was said of it before, `left` what is still to say.
    """

    first: Sequence[Report]
    left: Sequence[Report]
    before: Mapping[str, str]
    after: Mapping[str, str]
    applied: tuple[Fix, ...]
    first_object: bytes
    object: bytes


def mended(start: Loaded, texts: Mapping[str, str], shop: Workshop, seconds: float, unsafe: bool) -> Mended:
    """The file with every patch that loads; without `unsafe` only those that keep its meaning."""
    until = _used() + seconds
    first: Sequence[Report] | None = None
    now, after, applied = start, texts, list[Fix]()
    while True:
        told = tried(now, after, shop, max(0.0, until - _used()))
        first = told if first is None else first
        fix = next((fix for report in told for fix in _accepted(report, unsafe)), None)
        step = _after(_Step(after, told), fix, shop) if fix is not None else None
        if fix is None or step is None or not step.reports:
            return Mended(first, told, texts, after, tuple(applied), start.object, now.object)
        now, after = Loaded(step.reports, step.object), step.texts
        applied.append(fix)


def _used() -> float:
    """CPU seconds of this process and those that it started: a busy machine does not change the answer."""
    return time.process_time() + processes.seconds_of_children()


def _accepted(report: Report, unsafe: bool) -> Iterator[Fix]:
    last = _refusal(report)
    for fix in last.fixes if last is not None else ():
        if fix.edits and fix.outcome.status is FixStatus.LOADS and (unsafe or fix.safety is Safety.SAFE):
            yield fix


def _of_program(report: Report, start: _Step, shop: Workshop, until: float) -> Report:
    last = _refusal(report)
    if last is None or not any(fix.edits for fix in last.fixes):
        return report
    kept: list[Fix] = []
    for number, fix in enumerate(last.fixes):
        if not fix.edits or (number and _used() > until):
            kept.append(fix)
        elif (outcome := _tried(fix, report, start, shop, until)) is not None:
            kept.append(outcome)
    kept.sort(key=lambda fix: _ORDER.index(fix.outcome.status))  # in the rule's order otherwise
    told = replace(last, fixes=tuple(kept))
    return replace(report, diagnoses=(*report.diagnoses[:-1], told))


def _tried(fix: Fix, report: Report, start: _Step, shop: Workshop, until: float) -> Fix | None:
    """The fix with what became of it, with the steps that it took to load; None where it is no use."""
    step = _after(start, fix, shop)
    if step is None:
        return None
    first = _same_program(report, step.reports)
    if first is None or _is_worse(start, step):
        return None
    if first.verdict is Verdict.LOADS:
        return _judged(replace(fix, outcome=_loads(first)), report, start, step, shop)
    refused = _refusal(first)
    if refused is None or _words(refused) == _words(_refusal(report)):
        return None
    found = _go_on(report, step, shop, until)
    if found is not None and (loaded := _same_program(report, found.reports)) is not None:
        whole = replace(
            fix,
            edits=tuple(_edits(start.texts, found.texts)),
            steps=found.titles,
            safety=found.safety,
            outcome=_loads(loaded),
        )
        return _judged(whole, report, start, found, shop)
    return replace(fix, outcome=FixOutcome(FixStatus.STILL_REFUSED, _release(first), refused_by=refused.rule))


def _judged(fix: Fix, report: Report, start: _Step, end: _Step, shop: Workshop) -> Fix | None:
    """The fix that loads, run beside the refused program; it is unsafe where they differ.

    None for one by which the program never comes to what was refused: that is no fix.
    """
    name = _name(report) or ""
    before, after = shop.runnable(start.object, name), shop.runnable(end.object, name)
    if before is None or after is None:
        return fix
    found = meaning.compared(before, after, _RUN_SECONDS, _refused_slots(report, start, end, before, after))
    if found.reached is False:
        return None
    safety = Safety.UNSAFE if found.differs else fix.safety
    return replace(fix, safety=safety, outcome=replace(fix.outcome, meaning=found))


def _refused_slots(
    report: Report, start: _Step, end: _Step, before: Program, after: Program
) -> Refused | None:
    """Where the refused statement is in both programs; None where the patch takes it out."""
    refused = _refusal(report)
    place = before.place_of(refused.insn) if refused is not None and refused.insn is not None else None
    if place is None:
        return None
    name, line = place
    now = {
        (name, number)
        for file, text in start.texts.items()
        if file.rpartition("/")[2] == name
        for number in _moved_line(text, end.texts[file], line)
    }
    return Refused(before.slots_of({place}), after.slots_of(now)) if now else None


def _moved_line(before: str, after: str, line: int) -> range:
    """The lines that a line has become."""
    for _, first, last, start, end in _opcodes(before, after):
        if first < line <= last:
            same = last - first == end - start
            return (
                range(start + line - first, start + line - first + 1) if same else range(start + 1, end + 1)
            )
    return range(0)


def _go_on(report: Report, step: _Step, shop: Workshop, until: float) -> _Step | None:
    """From refusal to refusal, the first patch of each that leads on, until the program loads."""
    seen = {_words(_refusal(report))}
    for _ in range(MOST_STEPS - 1):
        now = _same_program(report, step.reports)
        refused = _refusal(now) if now is not None else None
        if now is None or refused is None or _words(refused) in seen:
            return None
        seen.add(_words(refused))
        following = None
        for fix in refused.fixes:
            if _used() > until:
                return None
            if not fix.edits or (after := _after(step, fix, shop)) is None or _is_worse(step, after):
                continue
            then = _same_program(report, after.reports)
            if then is not None and then.verdict is Verdict.LOADS:
                return after
            if then is not None and (left := _refusal(then)) is not None and _words(left) not in seen:
                following = following or after
        if following is None:
            return None
        step = following
    return None


def _after(step: _Step, fix: Fix, shop: Workshop) -> _Step | None:
    """The file with one more patch; None where a text is not at hand, or nothing changes."""
    texts = dict(step.texts)
    for file in dict.fromkeys(edit.file for edit in fix.edits):
        if file not in texts:
            return None
        texts[file] = apply(texts[file], [edit for edit in fix.edits if edit.file == file])
    if texts == step.texts:
        return None
    worst = Safety.UNSAFE if Safety.UNSAFE in (step.safety, fix.safety) else step.safety
    found = shop.loaded(texts)
    return _Step(texts, found.reports, found.object, (*step.titles, fix.title), worst)


def _is_worse(before: _Step, after: _Step) -> bool:
    """Whether another program that loaded does not any more."""
    loaded = {_name(report) for report in before.reports if report.verdict is Verdict.LOADS}
    return not loaded <= {_name(report) for report in after.reports if report.verdict is Verdict.LOADS}


def _same_program(report: Report, reports: Sequence[Report]) -> Report | None:
    return next((each for each in reports if each.program and _name(each) == _name(report)), None)


def _name(report: Report) -> str | None:
    return report.program.name if report.program else None


def _refusal(report: Report) -> Diagnosis | None:
    return report.diagnoses[-1] if report.verdict is Verdict.REFUSED and report.diagnoses else None


def _words(refused: Diagnosis | None) -> tuple[object, ...]:
    """What tells one refusal from another: what is said, and of which line of text."""
    if refused is None:
        return ()
    place = refused.location
    return (refused.rule, refused.finding.block.lines, place.text if place else None)


def _loads(report: Report) -> FixOutcome:
    held = report.kernel.capabilities if report.kernel else None
    return FixOutcome(FixStatus.LOADS, _release(report), held, report.insns)


def _release(report: Report) -> str | None:
    return report.kernel.release if report.kernel else None


def _edits(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Edit]:
    """The difference of two states of the texts."""
    for file, text in before.items():
        new = lines(after[file])
        for tag, first, last, start, end in _opcodes(text, after[file]):
            if tag != "equal":
                yield Edit(file, first + 1, last, tuple(line.rstrip("\r\n") for line in new[start:end]))


def _opcodes(before: str, after: str) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, lines(before), lines(after), autojunk=False).get_opcodes()
