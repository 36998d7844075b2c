"""What kernels before 4.11 print, which no lab has: the last known state and the message tell together."""

from __future__ import annotations

from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose

MOVED_CONTEXT = """27: (79) r1 = *(u64 *)(r6 +128)
28: (15) if r1 == 0x111be2b goto pc+5
 R0=inv R1=inv R6=ctx R7=inv R10=fp
29: (bf) r1 = r6
30: (07) r1 += 96
31: (05) goto pc+2
34: (79) r3 = *(u64 *)(r1 +0)
R1 invalid mem access 'inv'
"""


def told(text: str) -> Diagnosis:
    return diagnose(RawReport(text.encode(), "log.txt", Flavour.LOG, Stage.PASTE))[0].diagnoses[-1]


def test_a_context_that_was_moved_is_no_address_of_the_kernels() -> None:
    found = told(MOVED_CONTEXT)
    assert found.rule == "pointer-made-a-number"
    assert found.facts is not None and found.facts.value("turned").insn.index == 30
    assert told(MOVED_CONTEXT.replace("r1 = r6", "r1 = r7")).rule == "probe-read-needed"


def test_a_mask_in_the_source_that_the_register_has_not_is_a_usual_cause() -> None:
    text = """; data->buf[offset & (SIZE - 1)] = index;
970: (73) *(u8 *)(r2 +0) = r1
 R1_w=inv1 R2_w=map_value(id=0,off=0,ks=4,vs=32768,umax_value=4294967295,var_off=(0x0; 0xffffffff)) R10=fp0
R2 unbounded memory access, make sure to bounds check any such access
"""
    assert "compiler left that out" in told(text).usual[0].cause
    assert not any("`&`" in each.cause for each in told(text.replace(" & (SIZE - 1)", "")).usual)
