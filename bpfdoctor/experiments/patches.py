"""Tries the patches of a refused file: each alone, and on with the next refusal, until its programs load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bpfdoctor.experiments.judging import judged
from bpfdoctor.experiments.steps import (
    Budget,
    Group,
    Loaded,
    Step,
    Workshop,
    after,
    edits,
    name_of,
    outcome_of,
    refusal,
    taken_out,
    words,
)
from bpfdoctor.experiments.whole_file import WholeFile, is_of_file
from bpfdoctor.model.diagnosis import Fix, FixOutcome, FixStatus, Report, Safety
from bpfdoctor.model.edits import apply
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Verdict

Excuse = Callable[[Sequence[Report]], list[Report]]  # the reports, with what comments in the source excuse
_ORDER = (FixStatus.LOADS, FixStatus.STILL_REFUSED, FixStatus.NOT_TRIED)
_ABOUT, _MORE_OFTEN = 0.75, 4
MOST_STEPS = 6  # refusals that one patch mends, one after the other


@dataclass(frozen=True, slots=True)
class Mended:
    """A file after `applied`, the first patch that loads of each refused program in turn.

    `first` is what was said of it before, `left` what is still to say; `excused` are programs that comments
    want to be as they are.
    """

    first: Sequence[Report]
    left: Sequence[Report]
    before: Mapping[str, str]
    after: Mapping[str, str]
    applied: tuple[Fix, ...]
    first_object: bytes
    object: bytes
    excused: frozenset[str | None] = frozenset()


def tried(start: Loaded, texts: Mapping[str, str], shop: Workshop, seconds: float) -> list[Report]:
    """The reports with the outcome of every patch that there was time for; the same answer every run.

    A patch that is refused with the same words is taken out: it helps nobody. `seconds` of CPU are for
    all programs together; at least one patch of each is tried.
    """
    return _Search(shop, Budget(seconds)).all_tried(Step(texts, start.reports, start.object))


def mended(
    start: Loaded,
    texts: Mapping[str, str],
    shop: Workshop,
    seconds: float,
    unsafe: bool,
    excuse: Excuse = list,
) -> Mended:
    """The file with every patch that loads; without `unsafe` only those that keep its meaning. What `excuse`
    says is meant to be refused stays as it is.
    """
    excused = frozenset(name_of(each) for each in excuse(start.reports) if each.excused)
    search = _Search(shop, Budget(seconds))
    now, first, applied = Step(texts, start.reports, start.object), None, list[Fix]()
    while True:
        told = search.all_tried(now)
        first = told if first is None else first
        meant = (report for report in told if name_of(report) not in excused)
        fix = next((fix for report in meant for fix in _accepted(report, unsafe)), None)
        step = after(replace(now, reports=told), fix, shop) if fix is not None else None
        if fix is None or step is None or not step.reports:
            return Mended(first, told, texts, now.texts, tuple(applied), start.object, now.object, excused)
        now = Step(step.texts, step.reports, step.object)
        applied.append(fix)


def _accepted(report: Report, unsafe: bool) -> Iterator[Fix]:
    last = refusal(report)
    told = report.diagnoses if is_of_file(report) else (last,) if last is not None else ()
    for fix in (fix for each in told for fix in each.fixes):
        if fix.edits and fix.outcome.status is FixStatus.LOADS and (unsafe or fix.safety is Safety.SAFE):
            yield fix


class _Search:
    """Tries patches until the budget is spent."""

    def __init__(self, shop: Workshop, budget: Budget) -> None:
        self._shop, self._budget = shop, budget

    def all_tried(self, start: Step) -> list[Report]:
        """The reports of a state, each with what became of its patches."""
        whole = WholeFile(self._shop, self._budget, self._of_program)
        return [
            whole.tried(report, start) if is_of_file(report) else self._of_program(report, start)
            for report in start.reports
        ]

    def _of_program(self, report: Report, start: Step) -> Report:
        last = refusal(report)
        if last is None:
            return report
        kept: list[Fix] = []
        meant: list[Fix] = []
        for number, fix in enumerate(last.fixes):
            if not fix.edits or (number and self._budget.is_spent):
                kept.append(fix)
            elif (outcome := self._best(fix, report, start)) is not None:
                kept.append(outcome)
        loads = next((fix for fix in kept if fix.outcome.status is FixStatus.LOADS), None)
        if loads is not None:
            meant = self._found(report, start, start, lambda group: group.meant)
        if loads is not None and not meant and _only_adds(loads, start):
            # A second check is more than it takes where the first one can be put right.
            corrected = self._found(report, start, start, lambda group: group.corrects)
            kept = [*(fix for fix in corrected if fix.safety is Safety.SAFE), *kept]
            meant = [fix for fix in corrected if _is_meant(fix, loads)]
        elif loads is None:
            kept += self._found(report, start, start)
        kept.sort(key=_rank)  # in the rule's order otherwise
        if meant:
            # Beside a check that is the wrong way round another one leaves nothing of the program.
            kept = [*meant, *(fix for fix in kept if fix is not loads)]
        told = replace(last, fixes=tuple(kept))
        return replace(report, diagnoses=(*report.diagnoses[:-1], told))

    def _best(self, fix: Fix, report: Report, start: Step) -> Fix | None:
        """The first way of a fix that loads and is as safe; else the first that is of any use."""
        found: list[Fix] = []
        for number, way in enumerate(_ways(fix)):
            if number and self._budget.is_spent:
                break
            outcome = self._tried(way, report, start)
            if outcome is None:
                continue
            if outcome.outcome.status is FixStatus.LOADS and outcome.safety is fix.safety:
                return outcome
            found.append(outcome)
        return min(found, key=_rank, default=None)

    def _tried(self, fix: Fix, report: Report, start: Step) -> Fix | None:
        """The fix with what became of it, with the steps that it took to load; None where it is no use."""
        step = after(start, fix, self._shop)
        if step is None:
            return None
        first = step.of(report)
        if first is None or step.is_worse_than(start):
            return None
        if first.verdict is Verdict.LOADS:
            return self._judged(fix, report, start, step)
        refused = refusal(first)
        if refused is None or words(refused) == words(refusal(report)):
            return None
        if (found := self._go_on(report, start, step)) is not None:
            return replace(found, why=fix.why)
        still = FixOutcome(FixStatus.STILL_REFUSED, _release(first), refused_by=refused.rule)
        return replace(fix, outcome=still)

    def _judged(self, fix: Fix, report: Report, start: Step, end: Step) -> Fix | None:
        loaded = end.of(report)
        if loaded is None:
            return None
        return judged(replace(fix, outcome=outcome_of(loaded)), report, start, end, self._shop)

    def _whole(self, report: Report, start: Step, end: Step, last: Fix) -> Fix | None:
        """All the steps to a state that loads as one fix; `last` is the one that led there."""
        if len(end.titles) == 1:
            return self._judged(last, report, start, end)
        changes = tuple(edits(start.texts, end.texts))
        fix = replace(last, title=end.titles[0], edits=changes, steps=end.titles, safety=end.safety)
        return self._judged(*self._reduced(fix, report, start, end))

    def _reduced(self, fix: Fix, report: Report, start: Step, end: Step) -> tuple[Fix, Report, Step, Step]:
        """The patch without the changes that it loads without: a later one may do for an earlier one.

        Where a line was moved or became two, one half of that change alone would take out what is there.
        """
        gone = taken_out(start.texts, end.texts)
        for edit in fix.edits:
            less = replace(fix, edits=tuple(each for each in fix.edits if each is not edit))
            if not less.edits or not self._budget.one_search():
                continue
            step = after(start, less, self._shop, name_of(report) or "")
            then = step.of(report) if step is not None else None
            if step is None or then is None or taken_out(start.texts, step.texts) - gone:
                continue
            if then.verdict is Verdict.LOADS and not step.is_worse_than(start):
                fix, end = less if len(less.edits) > 1 else replace(less, steps=()), step
        return fix, report, start, end

    def _go_on(self, report: Report, start: Step, step: Step) -> Fix | None:
        """From refusal to refusal, the first patch of each that leads on, until the program loads."""
        seen = {words(refusal(report))}
        for _ in range(MOST_STEPS - 1):
            now = step.of(report)
            refused = refusal(now) if now is not None else None
            if now is None or refused is None or words(refused) in seen:
                return None
            seen.add(words(refused))
            following = None
            for fix in (way for each in refused.fixes for way in _ways(each)):
                if self._budget.is_spent:
                    return None
                if not fix.edits or (next_step := after(step, fix, self._shop)) is None:
                    continue
                then = next_step.of(report)
                if then is None or next_step.is_worse_than(step):
                    continue
                if then.verdict is Verdict.LOADS:
                    return self._whole(report, start, next_step, fix)
                if (left := refusal(then)) is not None and words(left) not in seen:
                    following = following or next_step
            if following is None:
                return next(iter(self._found(report, start, step)), None)
            step = following
        return None

    def _found(
        self, report: Report, start: Step, step: Step, wanted: Callable[[Group], bool] = lambda group: True
    ) -> list[Fix]:
        """The best patch of the first group in which one loads: it turns away least.

        The first group that is not `wanted` ends the search.
        """
        now = step.of(report)
        refused = refusal(now) if now is not None else None
        for group in self._shop.candidates(refused, step.texts) if refused is not None else ():
            if not wanted(group):
                return []
            found: list[Fix] = []
            for fix in group.fixes:
                if not self._budget.one_search():
                    break
                end = after(step, fix, self._shop, name_of(report) or "")
                then = end.of(report) if end is not None else None
                if (
                    end is None
                    or then is None
                    or then.verdict is not Verdict.LOADS
                    or end.is_worse_than(step)
                ):
                    continue
                done = self._whole(report, start, end, fix)
                found += [_doubted(done)] if done is not None else []
            if found:
                return [_turns_away_least(found)]
            if self._budget.is_spent:
                break
        return []


def _ways(fix: Fix) -> Iterator[Fix]:
    """The fix, and the other ways to do the same."""
    yield from (replace(fix, edits=edits, instead=()) for edits in (fix.edits, *fix.instead))


def _rank(fix: Fix) -> tuple[int, bool]:
    return _ORDER.index(fix.outcome.status), fix.safety is Safety.UNSAFE


def _doubted(fix: Fix) -> Fix:
    """What was found by trying is safe only if runs of both programs say so."""
    told = fix.outcome.meaning
    return fix if told is not None and told.runs else replace(fix, safety=Safety.UNSAFE)


def _turns_away_least(found: Sequence[Fix]) -> Fix:
    """The first of the safest that comes to the refused statement about as often as the best of them."""
    safest = [fix for fix in found if fix.safety is Safety.SAFE] or found
    enough = _ABOUT * max(map(_reached, safest))
    return next(fix for fix in safest if _reached(fix) >= enough)


def _only_adds(fix: Fix, start: Step) -> bool:
    """Whether everything that was there still is: a check, a mask; a body may get braces."""
    before = {file: start.texts[file] for file in dict.fromkeys(edit.file for edit in fix.edits)}
    after = {
        file: apply(text, [edit for edit in fix.edits if edit.file == file]) for file, text in before.items()
    }
    return not taken_out(before, after)


def _is_meant(corrected: Fix, added: Fix) -> bool:
    """Whether a check was meant the other way round: with it corrected, and not with another one added,
    most inputs come to the refused statement, or some come to more of the program.
    """
    if corrected.safety is Safety.SAFE:
        return False
    one, other = corrected.outcome.meaning, added.outcome.meaning
    if one is not None and one.reached and one.survived == 0:
        return True  # what the check lets through goes wrong, always
    more = one.lines - other.lines if one is not None and other is not None else 0
    return (
        more > 0
        if one is None or None in (one.reached, other and other.reached)
        else more >= 0 and (_reached(corrected) > _MORE_OFTEN * _reached(added))
    )


def _reached(fix: Fix) -> int:
    told = fix.outcome.meaning
    return (told.reached or 0) if told is not None else 0


def _release(report: Report) -> str | None:
    return report.kernel.release if report.kernel else None
