"""A patch for several kernels is one that all of them load."""

from __future__ import annotations

import os
from pathlib import Path

from bpfdoctor import matrix
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.model.report import CaptureOptions
from tests.cli.test_mending import COUNT, HEAD, MENDED


def test_every_kernel_has_accepted_it(old: LabKernel, new: LabKernel, tmp_path: Path) -> None:
    program = tmp_path / "count.bpf.c"
    program.write_text(HEAD + COUNT)
    names = [old.version, new.version]
    options = CaptureOptions(environment=dict(os.environ))
    with matrix.on_kernels(names, ["full"], print) as asked:
        done = asked.mend(program, options, seconds=20, unsafe=False)
        told = asked.check(program, options, seconds=3)
    assert done.after[str(program)] == HEAD + MENDED
    assert program.read_text() == HEAD + COUNT
    (fix,) = done.applied
    assert fix.outcome.kernel == ", ".join(names)
    assert [report.diagnoses[-1].fixes[0].outcome.kernel for report in told] == [", ".join(names)] * 2
