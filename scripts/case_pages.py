"""What documents share that show cases of the corpus: what was said of a program beside what bpfdoctor says.

The answers come from the stored log of one kernel and the program, without the marks of our tests; nothing is
loaded.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bpfdoctor.lab import cases, compiled
from bpfdoctor.model.report import Kernel, RawReport, SourceFile, Stage, Verdict
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import render
from scripts import causes
from scripts.readme import MARK

WIDTH = 88


def report(case: Path, kernel: str) -> RawReport:
    """What `check` would diagnose of the log at level 1 that is stored of this kernel."""
    if causes.is_bcc(case):
        raw = next(raw for name, level, raw in compiled.reports(case) if (name, level) == (kernel, 1))
    else:
        log = next(log for name, level, log in cases.logs(case) if (name, level) == (kernel, 1))
        program = cases.program(case)
        assert program is not None
        raw = RawReport(
            log,
            program.name,
            cases.flavour(program),
            Stage.VERIFIER,
            Verdict.REFUSED,
            kernel=Kernel(kernel),
            files=(SourceFile(program.name, program.read_text()),),
        )
    files = tuple(replace(file, text=MARK.sub("", file.text)) for file in raw.files)
    return replace(raw, data=MARK.sub("", bytes(raw.data).decode(errors="replace")).encode(), files=files)


def log_block(raw: RawReport, most: int) -> str:
    """The last lines of the log, fenced."""
    lines = [line[:150].rstrip() for line in bytes(raw.data).decode(errors="replace").splitlines()]
    lines = [line for line in lines if line]
    cut = [f"… {len(lines) - most} more lines"] if len(lines) > most else []
    return "\n".join(("```text", *cut, *lines[-most:], "```\n"))


def answer_block(raw: RawReport) -> str:
    """What bpfdoctor says, fenced."""
    return f"```text\n{render(diagnose(raw), 'full', width=WIDTH).rstrip()}\n```\n"


def main(about: str | None, path: Path, page: Callable[[], str]) -> int:
    """Writes the page, or with --check compares: status 1 when it is not what would be written."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--check", action="store_true")
    text = page()
    if options.parse_args().check:
        return int(not path.is_file() or path.read_text() != text)
    path.write_text(text)
    return 0
