"""A patch for several kernels is one that all of them load."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import matrix
from bpfdoctor.lab import pool
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.model.report import CaptureOptions
from tests.cli.command import bpfdoctor
from tests.cli.test_mending import COUNT, HEAD, HOPELESS, MENDED


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


def test_copies_with_guests_of_their_own_say_the_same(old: LabKernel, new: LabKernel, tmp_path: Path) -> None:
    texts = {"a": HEAD + COUNT, "b": HEAD + MENDED, "c": HOPELESS, "d": HEAD + MENDED}
    for name, text in texts.items():
        (tmp_path / f"{name}.bpf.c").write_text(text)
    kernels = ("--kernel", f"{old.version},{new.version}", "--no-cache")
    one, two = (bpfdoctor("check", *kernels, "-j", jobs, str(tmp_path)) for jobs in "12")
    assert one == two
    assert one.status == 1 and "8 programs: 4 load, 4 refused" in one.err


def test_there_are_as_many_copies_as_memory_and_cores_allow(
    old: LabKernel, new: LabKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8))
    for guests, asked, copies in ((1, 4, 1), (5, 4, 2), (100, 4, 4), (100, 1, 1)):
        monkeypatch.setattr(pool, "_free_memory", lambda: guests * pool._GUEST_BYTES)  # noqa: B023
        with pool.Lab(print) as lab:
            width = lab._width
            assert lab.shared([old, new], asked) == copies
            assert lab._width == width // copies
