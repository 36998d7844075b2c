"""What ended a pointer is the root cause: by the kernel's own word, and where no state shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.log import read as read_log
from bpfdoctor.log.kernel_report import read as read_reports
from bpfdoctor.machine.endings import Ending
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.trace import Trace
from bpfdoctor.trace.slice import How, slice_of
from scripts.accuracy import REPORT, load

CASES = Path(__file__).parents[3] / "corpus" / "cases"


def _invalidated(path: Path) -> int | None:
    """The instruction of the newest `invalidated` event in Linux 7.3's report."""
    printed = b"".join(REPORT.findall(load(path))).decode(errors="replace").splitlines()
    reports = read_reports(printed)
    found = [event.insn for event in reports[-1].path if event.label == "invalidated"] if reports else []
    return found[-1] if found else None


ALL = {path: _invalidated(path) for path in sorted(CASES.glob("*/*/logs/7.3*"))}
LOGS = {path: insn for path, insn in ALL.items() if insn is not None}


def _answer(path: Path) -> Diagnosis:
    log = REPORT.sub(b"\n", load(path))
    reports = diagnose(RawReport(log, "log", Flavour.LOG, Stage.PASTE))
    return reports[-1].diagnoses[-1]


def test_the_corpus_has_every_way_to_end() -> None:
    assert len(LOGS) >= 28


@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_the_root_is_what_the_kernel_calls_invalidated(path: Path) -> None:
    root = _answer(path).root_cause
    assert root is not None and root.insn == LOGS[path]


SUBMIT, COMM = "bpf_ringbuf_submit_dynptr", "bpf_get_current_comm"


@pytest.mark.parametrize(
    ("case", "kernel", "why", "callee"),
    [
        ("stale-dynptr-memory/read-after-submit", "6.1.192", Ending.DYNPTR, SUBMIT),
        ("stale-dynptr-memory/dynptr-made-again", "6.12.118", Ending.DYNPTR, "bpf_dynptr_from_mem"),
        ("stale-dynptr-memory/clone-of-a-released-dynptr", "6.18.15", Ending.DYNPTR, SUBMIT),
        ("stale-packet-pointer/slice-after-pull", "6.12.118", Ending.MOVED, "bpf_skb_pull_data"),
        ("node-used-after-unlock/read-after-push", "6.12.118", Ending.LOAN, "bpf_spin_unlock"),
        ("spilled-pointer-overwritten/name-too-long", "6.1.192", Ending.OVERWRITTEN, COMM),
        ("spilled-pointer-overwritten/byte-of-a-union", "6.1.192", Ending.OVERWRITTEN, None),
        ("spilled-pointer-overwritten/callback-writes-it", "6.1.192", Ending.OVERWRITTEN, None),
    ],
)
def test_why_it_ended(case: str, kernel: str, why: Ending, callee: str | None) -> None:
    raw = RawReport(load(CASES / case / "logs" / f"{kernel}-l1.log"), "log", Flavour.LOG, Stage.PASTE)
    trace = Trace(next(iter(read_log(raw, bytes(raw.data)))))
    assert trace.last is not None and trace.last.insn.base is not None
    value = slice_of(trace, trace.last, trace.last.insn.base).value
    ended = [each for each in value if each.how is How.INVALIDATED]
    assert (ended[0].ending, ended[0].callee) == (why, callee)


def test_the_kernels_own_report_binds_the_root() -> None:
    """Of a log whose beginning is cut off the steps show nothing; the report names the call."""
    log = load(CASES / "stale-packet-pointer/read-after-store/logs/7.3.4-l1.log")
    tail = log[log.rindex(b"\n", 0, log.index(b"\nR7 invalid mem access")) :]
    cut = RawReport(tail, "log", Flavour.LOG, Stage.PASTE)
    root = diagnose(cut)[-1].diagnoses[-1].root_cause
    assert root is not None and root.insn == 14
    assert "packet data may have moved" in root.text
    alone = RawReport(REPORT.sub(b"\n", tail), "log", Flavour.LOG, Stage.PASTE)
    assert diagnose(alone)[-1].diagnoses[-1].root_cause is None
