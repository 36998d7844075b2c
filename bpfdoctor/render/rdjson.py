"""The Reviewdog Diagnostic Format: findings, and patches as suggestions that a reviewer applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from bpfdoctor.model.diagnosis import Diagnosis, Fix, Report, Severity
from bpfdoctor.model.edits import apply, lines
from bpfdoctor.model.record import dataclass
from bpfdoctor.render import Canvas, words
from bpfdoctor.render.as_json import dump
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.kernels import Told, told
from bpfdoctor.render.words import fix_head, lowered

_NEAR = 6  # unchanged lines on each side of changes that belong together
_SEVERITY = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """One DiagnosticResult: each finding, then its first patch, a diagnostic for each place that it changes.

    reviewdog posts a suggestion only where it covers the very lines of its diagnostic.
    """
    found = [diagnostic for each in told(reports) for diagnostic in _of(each, canvas)]
    for failure in canvas.failures:
        path = canvas.path(failure.source or "-")
        found.append(_diagnostic(failure.problem.sentence, path, Severity.ERROR, "not-examined"))
    return dump({"source": {"name": "bpfdoctor"}, "diagnostics": found}, canvas, indent=2) + "\n"


def _of(met: Told, canvas: Canvas) -> Iterator[dict[str, Any]]:
    report, each = met.report, met.diagnosis
    if each is None:
        path = canvas.path(report.source)
        yield _diagnostic(met.failure + met.on, path, Severity.ERROR, report.verdict.value)
        return
    where = each.location
    path = canvas.path(where.file if where else report.source)
    range_ = {"start": {"line": where.line}} if where and where.line > 0 else None
    text = words.told(each) + met.on
    yield _diagnostic(text, path, each.severity, each.rule, range_)
    for fix in (fix for fix in each.fixes[:1] if fix.edits):
        yield from _suggested(fix, each, report, canvas)


def _suggested(fix: Fix, diagnosis: Diagnosis, report: Report, canvas: Canvas) -> Iterator[dict[str, Any]]:
    files = dict.fromkeys(edit.file for edit in fix.edits)
    if any(file not in report.sources for file in files):
        return  # a part of a patch is none
    placed = [(file, each) for file in files for each in _places(fix, file, report.sources[file])]
    for number, (file, each) in enumerate(placed, 1):
        part = f" (part {number} of {len(placed)}: apply all)" if len(placed) > 1 else ""
        range_ = {"start": {"line": each.first}, "end": {"line": each.last}}
        said = f"{fix_head(fix, report)}: {lowered(fix.title)}{part}"
        told = _diagnostic(said, canvas.path(file), diagnosis.severity, diagnosis.rule, range_)
        yield {**told, "suggestions": [{"range": range_, "text": each.text}]}


@dataclass(frozen=True, slots=True)
class _Place:
    """Lines `first`..`last` become `text`."""

    first: int
    last: int
    text: str


def _places(fix: Fix, file: str, text: str) -> Iterator[_Place]:
    """What a patch changes of a file; changes that are near are one, so that nobody applies half of them.

    New lines come with the line before which they stand.
    """
    old, new = lines(text), lines(apply(text, [edit for edit in fix.edits if edit.file == file]))
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_NEAR):
        changed = [each for each in group if each[0] != "equal"]
        (_, first, _, start, _), (_, _, last, _, end) = changed[0], changed[-1]
        if first == last and last < len(old):
            last, end = last + 1, end + 1
        elif first == last and first:
            first, start = first - 1, start - 1
        if first < last:
            yield _Place(first + 1, last, "".join(new[start:end]).rstrip("\r\n"))


def _diagnostic(
    text: str, path: str, severity: Severity, rule: str, range_: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    location = {"path": path, **({"range": range_} if range_ else {})}
    return {
        "message": one_line(text),
        "location": location,
        "severity": _SEVERITY[severity],
        "code": {"value": rule},
    }
