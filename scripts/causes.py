"""What the corpus's programs are marked with, and the root causes found in their stored logs.

The line of the root cause ends with `/* cause: a few words */`; CONTRIBUTING.md says which line that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import RootCause
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder

MARK = "/* cause: "
# "; u64 spent = now - *begin; /* cause: never compared with NULL */ @ main.c:22"
_QUOTED = re.compile(rb"^; ([^\n]*) @ [^\n]*:(\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """The root cause in one log. `line` is None when the log names none, `is_marked` then too.

    `has_steps` says whether the log shows the instructions that led there.
    """

    log: str
    insn: int | None
    line: int | None
    is_marked: bool | None
    has_steps: bool

    def __str__(self) -> str:
        return f"{self.log}: line {self.line}, instruction {self.insn}"


def corpus() -> list[Path]:
    """Every case for which something is stored."""
    stored = (folder("corpus") / "cases").glob(f"*/*/logs/{cases.VERDICTS}")
    return sorted(path.parent.parent for path in stored)


def name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def marked(case: Path) -> list[int]:
    """The lines of the case's program that are marked as the cause."""
    program = cases.program(case)
    lines = program.read_text().splitlines() if program else []
    return [number for number, line in enumerate(lines, 1) if MARK in line]


@cache
def found(case: Path) -> tuple[Found, ...]:
    """The root cause in each stored log in which the case's rule is found."""
    return tuple(_found(case))


def _found(case: Path) -> Iterator[Found]:
    for kernel, level, log in cases.logs(case):
        for report in diagnose(_pasted(case, log)):
            for diagnosis in report.diagnoses:
                if diagnosis.rule != case.parent.name:
                    continue
                cause = diagnosis.root_cause
                yield Found(
                    log=f"{kernel} level {level}",
                    insn=cause.insn if cause else None,
                    line=cause.place.line if cause and cause.place else None,
                    is_marked=_is_marked(case, cause, log),
                    has_steps=diagnosis.finding.step is not None,
                )


def _pasted(case: Path, log: bytes) -> RawReport:
    """The log; with the program where the kernel, up to 6.1, does not number the lines that it quotes."""
    program = cases.program(case)
    if program is None or _QUOTED.search(log):
        return RawReport(log, "log", Flavour.LOG, Stage.PASTE)
    files = (SourceFile(program.name, program.read_text()),)
    return RawReport(log, program.name, cases.flavour(program), Stage.PASTE, files=files)


def _is_marked(case: Path, cause: RootCause | None, log: bytes) -> bool | None:
    if cause is None or cause.place is None:
        return None
    program = cases.program(case)
    if program is not None and Path(cause.place.file).name == program.name:
        return cause.place.line in marked(case)
    # BCC's logs have the lines of the C that BCC made of the program.
    quoted = [text for text, number in _QUOTED.findall(log) if int(number) == cause.place.line]
    return any(MARK.encode() in text for text in quoted)
