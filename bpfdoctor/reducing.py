"""Makes a refused program small: clang and this kernel tell of each smaller one whether it still is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bpfdoctor import capture, pipeline
from bpfdoctor.experiments.reduction import Reduction
from bpfdoctor.experiments.steps import Budget
from bpfdoctor.model.diagnosis import Diagnosis, Report, Standing
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import CaptureOptions, Flavour
from bpfdoctor.pattern import later
from bpfdoctor.source import parts

_NUMBER = later(r"\d+")


@dataclass(frozen=True, slots=True)
class Reduced:
    """`text` is refused as `refusal` says, after `tries`. `is_whole`: nothing was left to try."""

    text: str
    refusal: str
    tries: int
    lines_before: int
    is_whole: bool


def reduce(path: Path, options: CaptureOptions, seconds: float, told: Callable[[int], None]) -> Reduced:
    """`seconds` of CPU, those of the compiler included. `told` hears of each smaller size in lines.

    Raises Problem for what this kernel does not refuse, and for BCC's C.
    """
    options = replace(options, experiments=False)
    raws = capture.check(path, options)
    if any(raw.flavour is not Flavour.LIBBPF for raw in raws):
        raise Problem(
            f"{path} is not a C file in libbpf's style.", "`bpfdoctor check` says how it was understood."
        )
    wanted = next(filter(None, map(_told, pipeline.diagnosed(raws))), None)
    if wanted is None:
        raise Problem(f"This kernel does not refuse {path}.", "Check it with `bpfdoctor check`.")
    name = str(path.absolute())
    budget = Budget(seconds)

    def is_same(text: str) -> bool:
        try:
            found = capture.check(path.absolute(), replace(options, edited={name: text}))
        except Problem:
            return False
        if any(raw.flavour is not Flavour.LIBBPF for raw in found):  # without SEC(…) it looks like BCC's C
            return False
        if all(_told(report) != wanted for report in pipeline.diagnosed(found)):
            return False
        told(text.count("\n"))
        return True

    reduction = Reduction(is_same, lambda: budget.is_spent)
    whole = next(file.text for raw in raws for file in raw.files if file.path == str(path))
    text = reduction.smallest(whole)
    return Reduced(text, wanted[1], reduction.tries, whole.count("\n"), not budget.is_spent)


def _told(report: Report) -> tuple[object, str, str, str] | None:
    """What makes two refusals the same: program, message without numbers, rule, the refused line's code."""
    if report.standing is not Standing.FOUND or not report.diagnoses:
        return None
    last = report.diagnoses[-1]
    block = last.finding.block
    said = _NUMBER.sub("N", block.lines[0] if block.lines else "")
    return report.program, said, last.rule, _line(last, report)


def _line(last: Diagnosis, report: Report) -> str:
    place = last.location
    text = report.sources.get(place.file) if place is not None else None
    if place is None or text is None:
        return ""
    lines = text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    return " ".join(parts.without_comments(line).split())
