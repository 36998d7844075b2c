"""Linux 7.3's own report, and the form it had before it was merged."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor.log import kernel_report
from bpfdoctor.model.transcript import KernelBlock
from tests.unit.log.texts import REPORTED, error


def test_every_part_of_a_report_is_read() -> None:
    (report,) = error(REPORTED).reports
    assert (report.category, report.problem) == ("Resource Lifetime Safety", "Unreleased resource")
    assert report.reason.startswith("Owned resource (id=2) was acquired")
    assert report.reason.endswith("before this exit path.")
    assert report.at == KernelBlock(
        label="error",
        text="owned resource (id=2) still needs release",
        function="leak",
        file="leak.bpf.c",
        line=36,
        column=1,
        insn=9,
    )
    acquired, branch = report.path
    assert (acquired.label, acquired.insn, acquired.line, acquired.column) == ("acquired", 4, 30, 16)
    assert acquired.text == "owned resource (id=2), which somebody has to give back"
    assert (branch.label, branch.insn, branch.file) == ("branch", 5, None)
    assert report.lock is None


def test_a_lock_has_a_block_of_its_own() -> None:
    lines = (
        "Verification failed: Resource Lifetime Safety: Recursive resource spin lock",
        "",
        "At:",
        "  twice @ lock.bpf.c:50:2",
        "         | ^-- error: recursive resource spin lock",
        "",
        "Active lock:",
        "  twice @ lock.bpf.c:49:2",
        "         |         ^-- acquired: active resource spin lock has verifier identity 1",
        "  Instruction context:",
        "  >>> 10 | (85) call bpf_res_spin_lock#71560",
    )
    (report,) = kernel_report.read(lines)
    assert report.lock is not None
    assert (report.lock.label, report.lock.line, report.lock.insn) == ("acquired", 49, 10)


def test_a_path_without_events_is_empty() -> None:
    lines = ("Verification failed: Policy", "Causal path:", "  no retained diagnostic events on this path")
    (report,) = kernel_report.read(lines)
    assert (report.category, report.problem, report.path) == ("Policy", "", ())


def test_source_and_instruction_side_by_side() -> None:
    lines = (
        "Verification failed: Register Type Safety: Invalid dereference",
        "At:",
        "  load @ pkt.bpf.c:128:2",
        "      127 | int x;                                    3 | (b7) r1 = 0",
        '  >>> 128 | asm volatile ("   \\              >>> 4 | (79) r0 = *(u64 *)(r0 +8)',
        "          | ^-- error: R0 is no pointer",
    )
    (report,) = kernel_report.read(lines)
    assert report.at is not None
    assert (report.at.line, report.at.insn, report.at.label) == (128, 4, "error")


def test_two_reports_in_one_log() -> None:
    start, end = REPORTED.index("Unreleased"), REPORTED.index("BPF_EXIT")
    block = error(REPORTED[:end] + REPORTED[start:end].replace("id=2", "id=4") + REPORTED[end:])
    assert [report.reason[:21] for report in block.reports] == [
        "Owned resource (id=2)",
        "Owned resource (id=4)",
    ]
    assert len(block.lines) == 3


_LINE = st.one_of(
    st.sampled_from(REPORTED.splitlines()),
    st.text(max_size=60),
    st.builds("  >>> {} | {}".format, st.integers(-5, 10**9), st.text(max_size=20)),
    st.builds(
        "  {} @ {}:{}:{}".format, st.text(max_size=9), st.text(max_size=9), st.integers(), st.integers()
    ),
)


@settings(deadline=None)
@given(st.lists(_LINE, max_size=30))
def test_no_report_is_too_odd(lines: list[str]) -> None:
    for report in kernel_report.read(lines):
        assert isinstance(report.category, str)
