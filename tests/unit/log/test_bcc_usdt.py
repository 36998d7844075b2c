"""What BCC's Python says about USDT, in tracebacks that show lines of the tool."""

from __future__ import annotations

import pytest

from bpfdoctor.formats.program_text import refuse_program
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose

TRACEBACK = """  File "example.py", line 12, in <module>
    bpf = BPF(text = bpf_source, usdt = usdt)
TypeError: __init__() got an unexpected keyword argument 'usdt'
"""
NO_PROBE = """  File "/usr/lib/python3/dist-packages/bcc/usdt.py", line 151, in enable_probe
    raise USDTException(
bcc.usdt.USDTException: failed to enable probe 'probe-main'; a possible cause can be a pid that is missing
"""


def told(text: str) -> Diagnosis:
    return diagnose(RawReport(text.encode(), "log.txt", Flavour.LOG, Stage.PASTE))[0].diagnoses[-1]


def test_a_traceback_with_a_line_of_the_tool_is_no_tool() -> None:
    refuse_program(TRACEBACK.encode(), "out.txt")


@pytest.mark.parametrize(("text", "says"), [(TRACEBACK, "usdt_contexts=[usdt]"), (NO_PROBE, "tplist")])
def test_the_next_step_is_named(text: str, says: str) -> None:
    found = told(text)
    assert found.rule == "attach-failed" and says in found.next_step
