"""`check --fix` writes a case's fixed program, byte for byte; it loads, and no input makes it go wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bpfdoctor import mending
from bpfdoctor.experiments import recorded, witness
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.resources import folder
from tests.compilers import CLANG
from tests.unit.machine.concrete.test_kernel_agrees import calls

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

CASES = folder("corpus") / "cases"
MENDED = (
    "helper-argument-type/socket-as-key",
    "map-value-bounds/one-backend-too-many",
    "map-value-or-null/counter-before-the-end",
    "map-value-or-null/first-of-two-lookups",
    "map-value-or-null/second-lookup-used",
    "null-dereference/added-and-not-looked-up",
    "packet-bounds/option-length-in-a-loop",
    "packet-bounds/option-value-one-byte-short",
    "probe-read-needed/family-in-a-condition",
    "probe-read-needed/parent-of-a-task",
    "stack-bounds/name-of-64-bytes",
    "unbounded-access/arguments-one-after-the-other",
    "unbounded-access/backend-from-a-map",
    "unbounded-access/payload-longer-than-the-buffer",
    "unreleased-reference/filled-and-not-submitted",
    "unreleased-reference/nothing-was-copied",
    "used-after-release/length-after-submit",
)
_MARK = re.compile(r" /\* (?:expect|cause): [^*]* \*/")


@pytest.mark.needs_clang(14)
@pytest.mark.parametrize("case", MENDED)
def test_a_case_is_mended(case: str, tmp_path: Path) -> None:
    program = tmp_path / "prog.bpf.c"
    program.write_text(_MARK.sub("", (CASES / case / "prog.bpf.c").read_text()))
    options = CaptureOptions(clang=CLANG, environment=dict(os.environ))
    found = mending.mend(program, options, 20, unsafe=True)
    assert all(report.verdict is Verdict.LOADS for report in found.left)
    assert next(iter(found.after.values())) == (CASES / case / "fixed.bpf.c").read_text()


# With a vmlinux.h a program takes the kernel's types to compile, which bpfdoctor alone makes.
RUNNABLE = [case for case in MENDED if '"vmlinux.h"' not in (CASES / case / "fixed.bpf.c").read_text()]


@pytest.mark.parametrize("case", RUNNABLE)
def test_no_input_makes_a_mended_one_go_wrong(case: str, tmp_path: Path) -> None:
    """Whole frames, short ones, failing look-ups, every number that the program names and its neighbours."""
    types = Path("/sys/kernel/btf/vmlinux").read_bytes()
    for asked in calls(CASES / case / "fixed.bpf.c", tmp_path).values():
        (program,) = recorded.programs(asked, types)
        tried = witness.search(program, None, seconds=2, most=200)
        assert tried.witness is None, tried.witness
        assert tried.runs >= 20, tried.why
