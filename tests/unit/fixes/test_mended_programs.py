"""Programs as people post them: `--fix` makes of each what stands beside it, and the kernel loads that."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bpfdoctor import mending
from bpfdoctor.model.report import CaptureOptions, Verdict
from tests.compilers import CLANG

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

PROGRAMS = sorted((Path(__file__).parent / "mended").glob("*.bpf.c"))


def fixed_of(program: Path) -> Path:
    return program.with_name(program.name.replace(".bpf.c", ".fixed.c"))


def mended(program: Path) -> str:
    options = CaptureOptions(clang=CLANG, environment=dict(os.environ))
    found = mending.mend(program, options, 20, unsafe=True)
    assert found.left
    assert all(report.verdict is Verdict.LOADS for report in found.left)
    return next(iter(found.after.values()))


@pytest.mark.needs_clang(14)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_a_program_is_mended(program: Path) -> None:
    assert mended(program) == fixed_of(program).read_text(), (
        "python -m tests.unit.fixes.test_mended_programs NAME stores it; look at what git says"
    )


if __name__ == "__main__":
    for each in PROGRAMS:
        if len(sys.argv) < 2 or each.name.split(".")[0] in sys.argv[1:]:
            fixed_of(each).write_text(mended(each))
