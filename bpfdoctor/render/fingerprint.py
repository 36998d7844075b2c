"""What makes a finding the one that was there last time, though lines have moved and kernels were added."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Place, Report
from bpfdoctor.render.kernels import Told
from bpfdoctor.render.words import lowered


def fingerprints(found: Sequence[Told], path: Callable[[str], str]) -> list[str]:
    """For each finding 64 hexadecimal digits; equal ones count up, so that each is another.

    `path` writes a file's path as it is the same on every machine.
    """
    seen: dict[str, int] = {}
    marks = []
    for each in found:
        key = "\n".join(_key(each.report, each.diagnosis, path))
        count = seen[key] = seen.get(key, 0) + 1
        marks.append(_hash(f"{key}\n{count}" if count > 1 else key))
    return marks


def _key(report: Report, diagnosis: Diagnosis | None, path: Callable[[str], str]) -> Sequence[str]:
    """Rule, file, program and the line's text; without a line, what was said.

    What is missing there differs from kernel to kernel, and the line's number from day to day.
    """
    name = (report.program.name if report.program else None) or ""
    if diagnosis is None:
        return report.verdict.value, path(report.source), name
    where = diagnosis.location
    if where is not None and (text := _line(where, report)):
        return diagnosis.id, path(where.file), name, text
    file = where.file if where else report.source
    return diagnosis.id, path(file), name, lowered(diagnosis.message), diagnosis.headline


def _line(where: Place, report: Report) -> str:
    if where.text is not None:
        return where.text.strip()
    lines = report.sources.get(where.file, "").splitlines()
    return lines[where.line - 1].strip() if 0 < where.line <= len(lines) else ""


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
