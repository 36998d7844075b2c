"""GitLab's code quality report: a JSON list that merge requests show beside the diff."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from bpfdoctor.model.diagnosis import Report, Severity
from bpfdoctor.render import Canvas, words
from bpfdoctor.render.as_json import dump
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.fingerprint import fingerprints
from bpfdoctor.render.kernels import Told, told

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(reports: Sequence[Report], canvas: Canvas) -> str:
    """Every finding, and what failed without one. A path is required: a log is its own."""
    found = told(reports)
    marks = fingerprints(found, canvas.path)
    issues = [_issue(each, mark, canvas) for each, mark in zip(found, marks, strict=True)]
    for failure in canvas.failures:
        said, path = failure.problem.sentence, canvas.path(failure.source or "-")
        mark = hashlib.sha256(f"not-examined\n{path}".encode("utf-8", "surrogatepass")).hexdigest()
        issues.append(_entry("not-examined", said, "major", path, 1, mark))
    return dump(issues, canvas, indent=2) + "\n"


def _issue(each: Told, mark: str, canvas: Canvas) -> dict[str, Any]:
    report, diagnosis = each.report, each.diagnosis
    if diagnosis is None:
        path = canvas.path(report.source)
        return _entry(report.verdict.value, each.failure + each.on, "major", path, 1, mark)
    where = diagnosis.location
    text = words.told(diagnosis) + each.on
    path, line = canvas.path(where.file if where else report.source), max(where.line, 1) if where else 1
    return _entry(diagnosis.rule, text, _SEVERITY[diagnosis.severity], path, line, mark)


def _entry(rule: str, text: str, severity: str, path: str, line: int, mark: str) -> dict[str, Any]:
    """One issue. GitLab drops those whose fingerprint, `mark`, another one has."""
    return {
        "description": one_line(text),
        "check_name": rule,
        "fingerprint": mark,
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
