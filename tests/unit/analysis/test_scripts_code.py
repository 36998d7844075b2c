"""What bpftrace makes of a script is not blamed on its author, and C is no advice for it."""

from __future__ import annotations

import pytest

from bpfdoctor.model.diagnosis import Confidence, Diagnosis, Layer
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose

VERIFIER = """{before}0: R1=ctx() R10=fp0
0: (85) call bpf_get_current_pid_tgid#14      ; R0_w=scalar()
1: (7b) *(u64 *)(r10 -44) = r0
misaligned stack access off 0+0+-44 size 8
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
{after}"""
LLVM = "error: <unknown>:0:0: in function {name} i64 (ptr): Looks like the BPF stack limit is exceeded.\n"


def told(text: str) -> Diagnosis:
    return diagnose(RawReport(text.encode(), "log.txt", Flavour.LOG, Stage.PASTE))[0].diagnoses[-1]


@pytest.mark.parametrize(
    "text",
    [
        VERIFIER.format(before="Attaching 1 probe...\n\nError log:\n", after=""),
        VERIFIER.format(before="", after="\nERROR: Error loading program: profile:hz:1\n"),
        LLVM.format(name="kprobe_tcp_sendmsg_1"),
    ],
)
def test_the_scripts_author_wrote_no_such_code(text: str) -> None:
    found = told(text)
    assert not found.fixes and "bpftrace" in found.note
    assert found.layer is Layer.LIMIT or (
        found.layer is Layer.LOWERING and found.confidence is not Confidence.CERTAIN
    )


def test_other_programs_keep_their_advice() -> None:
    assert told(VERIFIER.format(before="", after="")).fixes
    assert told(LLVM.format(name="on_exec")).fixes
