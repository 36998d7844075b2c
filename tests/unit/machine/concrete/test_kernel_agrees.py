"""Programs of the corpus do on the concrete machine what they do on the running kernel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.capture import record
from bpfdoctor.experiments import recorded
from bpfdoctor.experiments.inputs import worlds
from bpfdoctor.machine.concrete.interpreter import run
from bpfdoctor.model.report import CaptureOptions
from bpfdoctor.resources import folder
from scripts.running import Fresh, loaded, on_packet
from tests.compilers import CLANG, HEADERS

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

CASES = folder("corpus") / "cases"
# XDP and tc, with maps, subprograms, callbacks, loops, helpers that move the packet, atomics.
PROGRAMS = (
    "packet-bounds/udp-after-ip-check",
    "packet-bounds/length-from-the-packet",
    "packet-bounds/checked-before-the-options",
    "packet-bounds/pulled-after-check",
    "stale-packet-pointer/write-after-adjust-head",
    "stale-packet-pointer/read-after-store",
    "map-value-or-null/lookup-not-checked",
    "map-value-bounds/index-past-array",
    "program-too-large/options-walk",
    "callback-return/returns-the-value",
    "unbounded-access/index-has-no-limit",
    "unsupported-construct/signed-division",
    "instruction-not-known/fetching-add",
    "call-depth/nine-deep",
    "uninitialized-stack/key-never-written",
    "zero-sized-read/masked-length",
)


def calls(source: Path, tmp_path: Path, name: str = "prog") -> dict[str, bytes]:
    """What libbpf would ask for the programs of a source."""
    target = tmp_path / f"{name}.o"
    flags = ["-O2", "-g", "-target", "bpf", "-D__TARGET_ARCH_x86", f"-I{HEADERS}"]
    subprocess.run([CLANG, *flags, "-c", str(source), "-o", str(target)], check=True)
    return record.calls_of(target.read_bytes(), CaptureOptions())


@pytest.mark.parametrize("case", PROGRAMS)
def test_a_program_does_the_same(case: str, tmp_path: Path) -> None:
    types = Path("/sys/kernel/btf/vmlinux").read_bytes()
    tried = 0
    for asked in calls(CASES / case / "fixed.bpf.c", tmp_path).values():
        (program,) = recorded.programs(asked, types)
        with loaded(asked) as live:
            assert live is not None
            for world in worlds(program, 200):
                try:
                    returned, packet = on_packet(live.program, world.packet)
                except OSError:
                    continue  # a tc program runs on whole headers only
                ours = run(program, Fresh(0, world.packet))
                assert ours.fault is None
                assert ours.returned is not None
                assert (ours.returned & 0xFFFFFFFF, ours.packet) == (returned, packet), world.packet.hex()
                tried += 1
    assert tried >= 40
