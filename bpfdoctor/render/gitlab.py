"""GitLab's code quality report: a JSON list that merge requests show beside the diff."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from bpfdoctor.model.diagnosis import Diagnosis, Report, Severity
from bpfdoctor.render import Canvas
from bpfdoctor.render.as_json import dump
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.words import bare_failure, lowered

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """Every finding, and what failed without one. A path is required: a log is its own."""
    issues: list[dict[str, Any]] = []
    for report in reports:
        for diagnosis in report.diagnoses:
            issues.append(_issue(report, diagnosis, canvas))
        if said := bare_failure(report):
            issues.append(_entry(report.verdict.value, said, "major", canvas.path(report.source), 1, ""))
    for failure in canvas.failures:
        said, path = failure.problem.sentence, canvas.path(failure.source or "-")
        issues.append(_entry("not-examined", said, "major", path, 1, ""))
    _number_repeats(issues)
    return dump(issues, canvas, indent=2) + "\n"


def _issue(report: Report, diagnosis: Diagnosis, canvas: Canvas) -> dict[str, Any]:
    where = diagnosis.location
    text = lowered(diagnosis.message) + (f": {diagnosis.headline}" if diagnosis.headline else "")
    path = canvas.path(where.file if where else report.source)
    program = report.program.name if report.program and report.program.name else ""
    stable = f"{program}\n{(where.text or '').strip() if where else ''}"
    return _entry(
        diagnosis.rule, text, _SEVERITY[diagnosis.severity], path, max(where.line, 1) if where else 1, stable
    )


def _entry(rule: str, text: str, severity: str, path: str, line: int, stable: str) -> dict[str, Any]:
    """One issue. The fingerprint leaves the line number out, so that moving code does not make it new."""
    key = "\n".join((rule, path, text, stable))
    return {
        "description": one_line(text),
        "check_name": rule,
        "fingerprint": hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }


def _number_repeats(issues: list[dict[str, Any]]) -> None:
    """GitLab drops issues with equal fingerprints; equal findings count up."""
    seen: dict[str, int] = {}
    for issue in issues:
        mark = issue["fingerprint"]
        seen[mark] = seen.get(mark, 0) + 1
        if seen[mark] > 1:
            issue["fingerprint"] = hashlib.sha256(f"{mark}\n{seen[mark]}".encode()).hexdigest()
