"""The answers to the corpus's BCC programs: whose words they use, and whether their edits load."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from bpfdoctor import matrix
from bpfdoctor.fixes import own_words
from bpfdoctor.lab import cases, compiled
from bpfdoctor.model.diagnosis import Diagnosis, Report
from bpfdoctor.model.edits import apply
from bpfdoctor.model.picture import CallStack, ObjectBytes
from bpfdoctor.model.report import CaptureOptions, Verdict
from scripts import causes
from scripts.diagnosed import diagnosed

KERNELS = ("5.10.218", "6.1", "6.12", "6.18")
WORD = re.compile(r"[A-Za-z_]\w*")
_NOT_CODE = re.compile(r"/\*.*?\*/|//.*|\"[^\"\n]*\"|'[^'\n]*'|^[-+ ]?\s*#\s*(?:include.*|\w+)")


def bcc_cases() -> list[Path]:
    """Every case of the corpus with a BCC program and logs."""
    return [case for case in causes.corpus() if causes.is_bcc(case)]


@cache
def answers(case: Path) -> tuple[tuple[str, Diagnosis], ...]:
    """("5.10.218 level 1", answer) for each stored log, with what BCC made of the program.

    What is said of a program that loads is ("loads", answer).
    """
    reports = [(f"{kernel} level {level}", raw) for kernel, level, raw in compiled.reports(case)]
    reports += [("loads", raw) for raw in compiled.loading(case)]
    return tuple(
        (name, each) for name, raw in reports for report in diagnosed(raw) for each in report.diagnoses
    )


def users_words(case: Path) -> frozenset[str]:
    """The identifiers of the case's own files."""
    files = (path for path in case.iterdir() if path.stem != "fixed" and path.suffix in (".c", ".h", ".py"))
    return frozenset(word for path in files for word in WORD.findall(path.read_text()))


def variables(found: Diagnosis) -> list[str]:
    """The variables that an answer draws."""
    picture = found.facts.picture if found.facts else None
    if isinstance(picture, ObjectBytes):
        return [picture.name or "?"]
    if isinstance(picture, CallStack):
        return [local.name for function in picture.functions for local in function.locals]
    return []


def code(found: Diagnosis) -> Iterator[str]:
    """Everything in an answer that is C: quotes, examples, new lines."""
    for label in (*found.labels, *found.flow):
        yield label.place.text or "" if label.place else label.code
    if found.location:
        yield found.location.text or ""
    for fix in found.fixes:
        yield from (line for line in fix.example if not own_words.is_command(line))
        for edit in fix.edits:
            yield from edit.lines


def identifiers(found: Diagnosis) -> set[str]:
    """The identifiers of an answer's C."""
    return {word for text in code(found) for word in WORD.findall(_NOT_CODE.sub("", text))}


def patched(case: Path, folder: Path) -> Path | None:
    """The case's program with the first edit that is offered, and its headers, in `folder`; None: no edit."""
    program = cases.program(case)
    assert program is not None
    fixes = [fix for _, each in answers(case) for fix in each.fixes if fix.edits]
    if not fixes:
        return None
    folder.mkdir(parents=True)
    for header in case.glob("*.h"):
        shutil.copy(header, folder)
    path = folder / program.name
    path.write_text(apply(program.read_text(), fixes[0].edits))
    return path


def tried(
    folder: Path, kernels: Sequence[str], progress: Callable[[str], None]
) -> Iterator[tuple[Path, str, bool]]:
    """(case, kernel, whether the program with its first edit loads there); no case without an edit."""
    paths = {patched(case, folder / causes.name(case)): case for case in bcc_cases()}
    wanted = [path for path in paths if path is not None]
    for path, reports in matrix.check(wanted, lambda _: CaptureOptions(), kernels, ("full",), progress):
        if isinstance(reports, Exception):
            raise reports
        by_kernel: dict[str, list[Report]] = {}
        for report in reports:
            by_kernel.setdefault(report.kernel.release if report.kernel else "", []).append(report)
        for kernel, said in by_kernel.items():
            yield paths[path], kernel, all(each.verdict is Verdict.LOADS for each in said)
