"""Writes data/: what this kernel says of each program, and the program with the first fix, which it accepts.

    [CLANG=clang-19] python -m tests.unit.fixes.capture [NAME…]

Needs clang and the right to load programs. A program
whose patch is refused is not stored: then the fixer, or the program, has to be mended first.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bpfdoctor.lab import cases
from bpfdoctor.model.edits import apply
from bpfdoctor.model.report import CaptureOptions, RawReport, SourceFile, Stage, Verdict
from bpfdoctor.pipeline import check, diagnose

DATA = Path(__file__).parent / "data"
PATCHED = ".patched"
STAYS = "/* no patch: "  # in a program whose author has to choose, with the reason


def programs() -> list[Path]:
    """The programs; without the patched ones."""
    return sorted(path for path in DATA.glob("*.c") if not path.name.endswith(f"{PATCHED}.c"))


def log_of(program: Path) -> Path:
    return program.with_name(f"{program.name.partition('.')[0]}.log")


def patched_of(program: Path) -> Path:
    return program.with_name(f"{program.name.partition('.')[0]}{PATCHED}.c")


def patched(program: Path) -> str:
    """The program with the first fix of the answer to the stored log; as it is where that is an example."""
    file = SourceFile(program.name, program.read_text())
    flavour, log = cases.flavour(program), log_of(program).read_bytes()
    raw = RawReport(log, file.path, flavour, Stage.PASTE, files=(file,))
    fixes = [fix for report in diagnose(raw) for each in report.diagnoses for fix in each.fixes]
    return apply(file.text, fixes[0].edits)


def capture(program: Path) -> str | None:
    """Stores the log and the patched program; says what is wrong otherwise."""
    from bpfdoctor import capture

    options = CaptureOptions(clang=os.environ.get("CLANG"))
    raw = capture.check(program, options)[0]
    log_of(program).write_bytes(bytes(raw.data if raw.log is None else raw.log))
    new = patched(program)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / program.name
        path.write_text(new)
        refused = [report for report in check(path, options) if report.verdict is not Verdict.LOADS]
    if STAYS in new:
        refused = [] if new == program.read_text() else refused
    elif new == program.read_text():
        refused = refused or check(program, options)
    if refused:
        log_of(program).unlink()
        return ", ".join(each.rule for report in refused for each in report.diagnoses) or "loads"
    patched_of(program).write_text(new)
    return None


def main() -> None:
    for program in programs():
        if not sys.argv[1:] or program.name.partition(".")[0] in sys.argv[1:]:
            print(program.name, capture(program) or "stored")


if __name__ == "__main__":
    main()
