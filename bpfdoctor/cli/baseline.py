"""--baseline: what was found before is not told again, so that a check fails for what is new."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bpfdoctor import regular_file
from bpfdoctor.cli import output_file
from bpfdoctor.model.diagnosis import Report, Standing
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.render import kernels
from bpfdoctor.render.fingerprint import fingerprints

_MOST = 64 << 20  # bytes
VERSION = 1  # of the file; grows when a fingerprint is made otherwise

Found = tuple[str, Sequence[kernels.Told]]  # a fingerprint, and what it is the mark of, kernel by kernel


@dataclass(frozen=True, slots=True)
class Baseline:
    """The findings that a file lists."""

    file: Path
    entries: Sequence[dict[str, Any]]

    def without(self, reports: Sequence[Report]) -> tuple[list[Report], int]:
        """The reports with the findings that are new, without those that have no other; and how many of its
        findings in these programs were not met.
        """
        listed, met_now = {entry["fingerprint"] for entry in self.entries}, dict(found(reports, self.file))
        known = [each for mark, met in met_now.items() if mark in listed for each in met]
        diagnoses = {id(each.diagnosis) for each in known if each.diagnosis}
        silent = {id(each.report) for each in known if each.diagnosis is None}
        left = []
        for report in reports:
            new = tuple(each for each in report.diagnoses if id(each) not in diagnoses)
            if id(report) not in silent and (new or report.excused or not report.diagnoses):
                left.append(replace(report, diagnoses=new))
        looked_at = {_path(report.source, self.file) for report in reports}
        gone = [each for each in self.entries if each["fingerprint"] not in met_now]
        return left, sum(each.get("source") in looked_at for each in gone)


def read(file: Path) -> Baseline:
    """Raises Problem for what --write-baseline has not written."""
    again = "--write-baseline writes one."
    try:
        told = json.loads(regular_file.read(file, _MOST))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Problem(f"The baseline {file} cannot be read: {reason}.", again) from None
    except (ValueError, RecursionError):
        raise Problem(f"The baseline {file} is not JSON.", again) from None
    entries = told.get("findings") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("fingerprint"), str) for entry in entries
    ):
        raise Problem(f"{file} is not a baseline.", again)
    if told.get("baseline") != VERSION:
        raise Problem(f"{file} is the baseline of another version of bpfdoctor.", again)
    return Baseline(file, entries)


def write(reports: Sequence[Report], file: Path) -> int:
    """Lists all that was found, and says how many that are. Raises Problem."""
    entries = [_entry(mark, met[-1], file) for mark, met in found(reports, file)]
    entries.sort(key=lambda entry: [str(value) for value in entry.values()])
    text = json.dumps({"baseline": VERSION, "findings": entries}, indent=1)  # a finding's change is a line's
    output_file.write(f"{text}\n".encode(), file)
    return len(entries)


def found(reports: Sequence[Report], file: Path) -> Iterator[Found]:
    """Each cause with its fingerprint. Paths are seen from the baseline's folder, wherever one stands."""
    causes = [
        met
        for met in kernels.causes(reports)
        if met[-1].diagnosis or met[-1].report.standing is Standing.FOUND
    ]
    marks = fingerprints([met[-1] for met in causes], lambda path: _path(path, file))
    return zip(marks, causes, strict=True)


def _entry(mark: str, each: kernels.Told, file: Path) -> dict[str, str]:
    """The fingerprint decides; the rest is for whoever reads it."""
    where = each.diagnosis.location if each.diagnosis else None
    return {
        "source": _path(each.report.source, file),
        "program": (each.report.program.name if each.report.program else None) or "",
        "rule": each.diagnosis.rule if each.diagnosis else each.report.verdict.value,
        "text": (where.text or "").strip() if where else "",
        "fingerprint": mark,
    }


def _path(path: str, file: Path) -> str:
    return Path(os.path.relpath(path, file.parent)).as_posix()
