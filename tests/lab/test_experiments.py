"""What `check --kernel K` tries of a refusal: other flags before that kernel, and newer kernels."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import matrix
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.model.diagnosis import Diagnosis, Layer, Proof
from bpfdoctor.model.report import CaptureOptions
from tests.compilers import CLANG, clang

CORRECT = Path(__file__).parents[1] / "unit/experiments/correct"


def told(path: Path, kernel: LabKernel, compiler: str = CLANG) -> Diagnosis:
    options = CaptureOptions(
        clang=compiler, cflags=("-mcpu=v2",), experiments=True, environment=dict(os.environ)
    )
    [(_, found)] = matrix.check([path], lambda _: options, [kernel.version], ["full"], lambda _: None)
    assert not isinstance(found, Exception)
    return found[0].diagnoses[-1]


def test_a_flag_is_tried_before_the_kernel_that_was_named(new: LabKernel) -> None:
    last = told(CORRECT / "read-result.bpf.c", new)
    assert (last.layer, last.proof) == (Layer.LOWERING, Proof.EXPERIMENT)
    assert last.fixes[0].compile == "-mcpu=v3" and last.fixes[0].outcome.kernel == new.version


@pytest.mark.needs_clang(19)
def test_a_newer_kernel_is_asked_as_well(old: LabKernel, new: LabKernel) -> None:
    """Clang 14 divides by multiplying, which no kernel follows."""
    last = told(CORRECT / "half-rate.bpf.c", old, clang(19))
    assert (last.layer, last.proof) == (Layer.FALSE_POSITIVE, Proof.EXPERIMENT)
    assert last.other_kernels and new.version in last.other_kernels.loads
