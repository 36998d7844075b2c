"""A field of the context that came later is what the kernel lacks, not a mistake of the source's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor import capture
from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Diagnosis, Layer
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, Kernel, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from tests.compilers import CLANG

CASE = Path(__file__).parents[3] / "corpus/cases/context-access/field-of-a-later-kernel"


@pytest.fixture(scope="module")
def compiled() -> RawReport:
    [raw] = capture.check(
        CASE / "prog.bpf.c", CaptureOptions(clang=CLANG, load=False, environment=dict(os.environ))
    )
    return raw


def told(compiled: RawReport, kernel: str | None) -> Diagnosis:
    _, _, log = next(iter(cases.logs(CASE)))
    where = None if kernel is None else Kernel(kernel, "full")
    raw = replace(compiled, data=log, flavour=Flavour.LOG, stage=Stage.PASTE, kernel=where)
    return diagnose(raw)[-1].diagnoses[-1]


@pytest.mark.parametrize("kernel", [None, "5.10.218", "5.16.9"])
def test_a_field_that_came_later_is_the_kernels_matter(compiled: RawReport, kernel: str | None) -> None:
    found = told(compiled, kernel)
    assert (found.outcome, found.layer) == ("LATER_FIELD", Layer.ENVIRONMENT)
    assert "ingress_ifindex came with Linux 5.17" in found.headline and not found.fixes


def test_where_the_kernel_has_it_the_source_is_asked(compiled: RawReport) -> None:
    found = told(compiled, "6.1.0")
    assert (found.outcome, found.layer) == ("READS_FIELD", Layer.SOURCE)
