"""A refused program is found to go wrong, in the way that the verifier feared."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.experiments import recorded, witness
from bpfdoctor.machine.concrete.faults import FaultKind
from tests.unit.machine.concrete.test_kernel_agrees import CASES, calls

REFUSED = {
    "packet-bounds/udp-after-ip-check": (FaultKind.OUT_OF_BOUNDS, "packet"),
    "packet-bounds/checked-before-the-options": (FaultKind.OUT_OF_BOUNDS, "packet"),
    "packet-bounds/second-header-unchecked": (FaultKind.OUT_OF_BOUNDS, "packet"),
    "map-value-or-null/lookup-not-checked": (FaultKind.NULL, ""),
    "map-value-or-null/another-entry-checked": (FaultKind.NULL, ""),
    "unbounded-access/index-has-no-limit": (FaultKind.OUT_OF_BOUNDS, "map value"),
    "uninitialized-register/no-return-value": (FaultKind.UNWRITTEN, ""),
    "used-after-release/read-after-submit": (FaultKind.RELEASED, "ring buffer record"),
    "map-value-bounds/one-element-too-many": (FaultKind.OUT_OF_BOUNDS, "map value"),
    "stack-bounds/index-past-buffer": (FaultKind.OUT_OF_BOUNDS, "stack"),
    "uninitialized-stack/key-never-written": (FaultKind.UNWRITTEN, "stack"),
    "unreleased-reference/early-return": (FaultKind.LEAKED, ""),
    "infinite-loop/spin-on-map-value": (FaultKind.ENDLESS, ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_program_goes_wrong(case: str, tmp_path: Path) -> None:
    types = Path("/sys/kernel/btf/vmlinux").read_bytes()
    found = []
    for asked in calls(CASES / case / "prog.bpf.c", tmp_path).values():
        (program,) = recorded.programs(asked, types)
        found.append(witness.search(program, None, seconds=10).witness)
    kind, region = REFUSED[case]
    shown = [(one.fault.kind, one.fault.touched.region if one.fault.touched else "") for one in found if one]
    assert (kind, region) in shown


@pytest.mark.parametrize("case", [case for case in REFUSED if (CASES / case / "fixed.bpf.c").exists()])
def test_its_mended_version_does_not(case: str, tmp_path: Path) -> None:
    types = Path("/sys/kernel/btf/vmlinux").read_bytes()
    for asked in calls(CASES / case / "fixed.bpf.c", tmp_path).values():
        (program,) = recorded.programs(asked, types)
        tried = witness.search(program, None, seconds=2, most=300)
        assert tried.witness is None, tried.witness
        assert tried.runs >= 20, tried.why
