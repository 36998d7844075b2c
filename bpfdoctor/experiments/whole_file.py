"""Tries the patches of a file that does not compile, or whose maps cannot be made: no verifier saw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from bpfdoctor.experiments.steps import Budget, Step, Workshop, after, edits, outcome_of, refusal, words
from bpfdoctor.model.diagnosis import Diagnosis, Fix, FixOutcome, FixStatus, Report
from bpfdoctor.model.report import OF_FILE, Verdict

_MOST_STEPS = 8  # what the compiler refuses first, and then each program


def is_of_file(report: Report) -> bool:
    """Whether a report speaks of the whole file, before any of its programs was loaded."""
    return report.program is None and report.verdict in OF_FILE


class WholeFile:
    """`of_program` tries the patches of a refused program in a state of the file."""

    def __init__(self, shop: Workshop, budget: Budget, of_program: Callable[[Report, Step], Report]) -> None:
        self._shop, self._budget, self._of_program = shop, budget, of_program

    def tried(self, report: Report, start: Step) -> Report:
        """The report with what became of its patches; one that changes nothing about it is taken out.

        What a patch that loads has in it is not offered once more.
        """
        told, whole = list[Diagnosis](), list[Fix]()
        for diagnosis in report.diagnoses:
            kept = []
            for fix in diagnosis.fixes:
                if not fix.edits or self._budget.is_spent:
                    kept.append(fix)
                elif not any(map(partial(_is_in, fix), whole)):
                    outcome = self._outcome(fix, diagnosis, start)
                    kept += [outcome] if outcome is not None else []
                    whole += [each for each in kept if each.outcome.status is not FixStatus.STILL_REFUSED]
            told.append(replace(diagnosis, fixes=tuple(kept)))
        return replace(report, diagnoses=tuple(told))

    def _outcome(self, fix: Fix, diagnosis: Diagnosis, start: Step) -> Fix | None:
        step = after(start, fix, self._shop)
        if step is None or words(diagnosis) in _said(step):
            return None
        if not step.reports:
            return fix  # who asks may not load programs
        end = self._gone_on(start, step)
        whole = replace(fix, outcome=_outcome(end))
        if whole.outcome.status is FixStatus.STILL_REFUSED or len(end.titles) == 1:
            return whole
        changes = tuple(edits(start.texts, end.texts))
        return replace(whole, edits=changes, steps=end.titles, safety=end.safety)

    def _gone_on(self, start: Step, step: Step) -> Step:
        """The state after the first patch of what is said next, and so on, until nothing helps."""
        seen = _said(start)
        for _ in range(_MOST_STEPS):
            if self._budget.is_spent:
                break
            following = next(self._further(step, seen), None)
            if following is None:
                break
            seen |= _said(step)
            step = following
        return step

    def _further(self, step: Step, seen: frozenset[tuple[object, ...]]) -> Iterator[Step]:
        for report in step.reports:
            if is_of_file(report):
                fixes = [fix for each in report.diagnoses for fix in each.fixes if fix.edits]
            else:
                refused = refusal(self._of_program(report, step))
                loads = refused.fixes if refused is not None else ()
                fixes = [fix for fix in loads if fix.edits and fix.outcome.status is FixStatus.LOADS]
            for fix in fixes:
                end = after(step, fix, self._shop)
                if end is None or not end.reports or end.is_worse_than(step):
                    continue
                if _said(end) != _said(step) and not (_said(end) - _said(step)) & seen:
                    yield end


def _outcome(end: Step) -> FixOutcome:
    loaded = next((each for each in end.reports if each.verdict is Verdict.LOADS), None)
    if loaded is not None:
        return outcome_of(loaded)
    left = [each for report in end.reports for each in report.diagnoses[-1:]]
    if not left:  # it compiles, and no kernel is to be asked
        return FixOutcome()
    return FixOutcome(FixStatus.STILL_REFUSED, refused_by=left[0].rule)


def _is_in(fix: Fix, whole: Fix) -> bool:
    """Whether a patch has the lines of another one in it."""
    lines = {line for edit in whole.edits for line in edit.lines}
    return bool(lines) and all(lines.issuperset(edit.lines) for edit in fix.edits)


def _said(step: Step) -> frozenset[tuple[object, ...]]:
    return frozenset(words(each) for report in step.reports for each in report.diagnoses)
