"""Tries the patches of a file that does not compile, or whose maps cannot be made: no verifier saw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bpfdoctor.experiments.steps import Budget, Step, Workshop, after, edits, refusal, words
from bpfdoctor.model.diagnosis import Diagnosis, Fix, FixOutcome, FixStatus, Report
from bpfdoctor.model.report import Verdict

_MOST_STEPS = 8  # what the compiler refuses first, and then each program
_OF_FILE = (Verdict.NOT_COMPILED, Verdict.NOT_LOADED)


def is_of_file(report: Report) -> bool:
    """Whether a report speaks of the whole file, before any of its programs was loaded."""
    return report.program is None and report.verdict in _OF_FILE


class WholeFile:
    """`of_program` tries the patches of a refused program in a state of the file."""

    def __init__(self, shop: Workshop, budget: Budget, of_program: Callable[[Report, Step], Report]) -> None:
        self._shop, self._budget, self._of_program = shop, budget, of_program

    def tried(self, report: Report, start: Step) -> Report:
        """The report with what became of its patches; one that changes nothing about it is taken out."""
        told = []
        for diagnosis in report.diagnoses:
            kept = []
            for fix in diagnosis.fixes:
                if not fix.edits or self._budget.is_spent:
                    kept.append(fix)
                elif (outcome := self._outcome(fix, diagnosis, start)) is not None:
                    kept.append(outcome)
            told.append(replace(diagnosis, fixes=tuple(kept)))
        return replace(report, diagnoses=tuple(told))

    def _outcome(self, fix: Fix, diagnosis: Diagnosis, start: Step) -> Fix | None:
        step = after(start, fix, self._shop)
        if step is None or not step.reports or words(diagnosis) in _said(step):
            return None
        end = self._gone_on(start, step)
        loaded = next((each for each in end.reports if each.verdict is Verdict.LOADS), None)
        if loaded is None:
            left = next((each for report in end.reports for each in report.diagnoses[-1:]), None)
            refused_by = left.rule if left is not None else None
            return replace(fix, outcome=FixOutcome(FixStatus.STILL_REFUSED, refused_by=refused_by))
        kernel = loaded.kernel
        release, held = (kernel.release, kernel.capabilities) if kernel is not None else (None, None)
        outcome = FixOutcome(FixStatus.LOADS, release, held, loaded.insns)
        if len(end.titles) == 1:
            return replace(fix, outcome=outcome)
        changes = tuple(edits(start.texts, end.texts))
        return replace(fix, edits=changes, steps=end.titles, safety=end.safety, outcome=outcome)

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


def _said(step: Step) -> frozenset[tuple[object, ...]]:
    return frozenset(words(each) for report in step.reports for each in report.diagnoses)
