"""What the corpus's programs are marked with, and what is found in their stored logs.

The refused line ends with `/* expect: rule */`, that of the root cause with `/* cause: a few words */`;
CONTRIBUTING.md says which line that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bpfdoctor.lab import cases, compiled
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from bpfdoctor.resources import folder
from scripts.diagnosed import diagnosed

MARK = "/* cause: "
# "; u64 spent = now - *begin; /* cause: never compared with NULL */ @ main.c:22"
_QUOTED = re.compile(rb"^; ([^\n]*) @ [^\n]*:(\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one log that has the case's rule. A line is None when the log names none, `…_is_marked`
    then too. `quotes_mark` says whether the log has the refused line, `has_steps` whether it has the
    instructions that led there.
    """

    log: str
    insn: int | None  # of the root cause
    line: int | None
    is_marked: bool | None
    refused_line: int | None
    refused_is_marked: bool | None
    quotes_mark: bool
    has_steps: bool

    def __str__(self) -> str:
        return (
            f"{self.log}: refused in line {self.refused_line}, cause in {self.line}, instruction {self.insn}"
        )


def corpus() -> list[Path]:
    """Every case for which something is stored."""
    stored = (folder("corpus") / "cases").glob(f"*/*/logs/{cases.VERDICTS}")
    return sorted(path.parent.parent for path in stored)


def name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def marked(case: Path, mark: str = MARK) -> list[int]:
    """The lines of the case's program that are marked, as the cause unless said otherwise."""
    program = cases.program(case)
    lines = program.read_text().splitlines() if program else []
    return [number for number, line in enumerate(lines, 1) if mark in line]


@cache
def found(case: Path) -> tuple[Found, ...]:
    """The answer to each stored log in which the case's rule is found."""
    return tuple(_found(case))


def _found(case: Path) -> Iterator[Found]:
    for kernel, level, raw in with_program(case):
        log = bytes(raw.data)
        for report in diagnosed(raw):
            for diagnosis in report.diagnoses:
                if diagnosis.rule != case.parent.name:
                    continue
                cause, refused = diagnosis.root_cause, diagnosis.location
                place = cause.place if cause else None
                mark = f"/* expect: {diagnosis.rule} */"
                yield Found(
                    log=f"{kernel} level {level}",
                    insn=cause.insn if cause else None,
                    line=place.line if place else None,
                    is_marked=_is_marked(case, place, MARK),
                    refused_line=refused.line if refused else None,
                    refused_is_marked=_is_marked(case, refused, mark),
                    quotes_mark=mark.encode() in log,
                    has_steps=diagnosis.finding.step is not None,
                )


def with_program(case: Path) -> Iterator[tuple[str, int, RawReport]]:
    """(kernel, level, log); a BCC program's as `check` has it, with what BCC made of the program."""
    if is_bcc(case):
        yield from compiled.reports(case)
        return
    for kernel, level, log in cases.logs(case):
        yield kernel, level, _pasted(case, log)


def is_bcc(case: Path) -> bool:
    """Whether the case's program is one of BCC's."""
    program = cases.program(case)
    return program is not None and cases.flavour(program).is_bcc


def _pasted(case: Path, log: bytes) -> RawReport:
    """The log; with the program where the kernel, up to 6.1, does not number the lines that it quotes."""
    program = cases.program(case)
    if program is None or _QUOTED.search(log):
        return RawReport(log, "log", Flavour.LOG, Stage.PASTE)
    files = (SourceFile(program.name, program.read_text()),)
    return RawReport(log, program.name, cases.flavour(program), Stage.PASTE, files=files)


def _is_marked(case: Path, place: Place | None, mark: str) -> bool | None:
    return place.line in marked(case, mark) if place else None
