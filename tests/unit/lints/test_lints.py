"""What loads here, and leaks, is silently wrong or is refused elsewhere; and what is told of none of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from bpfdoctor import capture, catalogue, lints
from bpfdoctor.kernel import helpers
from bpfdoctor.lints.reported import Lints
from bpfdoctor.model.diagnosis import Diagnosis, Edit, Report
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, RawReport, Stats, Verdict
from tests.compilers import CLANG

HERE = Path(__file__).parent
SOURCE = HERE / "lints.bpf.c"
#: program -> what is told of it; None: nothing
TOLD = {
    "sent_bad": "unset-bytes-sent",
    "sent_good": None,
    "forgot_bad": "unset-bytes-sent",
    "forgot_good": None,
    "called_good": None,
    "key_bad": "unset-key-bytes",
    "key_good": None,
    "constant_bad": "unchecked-constant-lookup",
    "constant_good": None,
    "user_bad": "user-memory-as-kernel",
    "user_good": None,
    "register_bad": "user-memory-as-kernel",
    "register_good": None,
    "wrapper_bad": "user-memory-as-kernel",
    "wrapper_good": None,
    "member_bad": "kernel-memory-as-user",
    "member_good": None,
    "copy_bad": "structure-without-core",
    "copy_good": None,
    "request_either": "probe-read-either",  # and no structure of the kernel's
    "task_bad": "kernel-memory-as-user",
    "task_good": None,
    "either_bad": "probe-read-either",
    "either_good": None,
    "unchecked_bad": "probe-read-unchecked",
    "unchecked_good": None,
    "unchecked_own_good": None,
    "printk_bad": "printk-left-in",
    "printk_good": None,
    "stack_bad": "stack-nearly-full",
    "stack_good": None,
    "regs_bad": "registers-by-name",
    "regs_good": None,
}
#: those whose patch makes of `…_bad` what `…_good` is
PATCHED = (
    "sent_bad",
    "key_bad",
    "user_bad",
    "register_bad",
    "wrapper_bad",
    "member_bad",
    "task_bad",
    "regs_bad",
)


def compiled(text: str | None = None) -> Sequence[RawReport]:
    edited = {str(SOURCE): text} if text is not None else {}
    return capture.check(
        SOURCE, CaptureOptions(clang=CLANG, load=False, environment=dict(os.environ), edited=edited)
    )


def told(
    raws: Sequence[RawReport], oldest: str | None = None, processed: int | None = None
) -> dict[str, list[Diagnosis]]:
    """What all lints say of each program, as if the kernel had taken it."""
    looking = Lints({*lints.DEFAULT, *lints.ASKED}, oldest)
    found = {}
    for raw in raws:
        report = Report(raw.source, raw.flavour, Verdict.LOADS, raw.program, stats=Stats(processed=processed))
        found[str(raw.program and raw.program.name)] = list(looking.added(raw, report).diagnoses)
    return found


@pytest.fixture(scope="module")
def raws() -> Sequence[RawReport]:
    return compiled()


@pytest.fixture(scope="module")
def found(raws: Sequence[RawReport]) -> dict[str, list[Diagnosis]]:
    return told(raws)


def test_every_program_is_asked_about(found: dict[str, list[Diagnosis]]) -> None:
    assert found.keys() == TOLD.keys()


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_of_a_program(name: str, found: dict[str, list[Diagnosis]]) -> None:
    assert [each.rule for each in found[name]] == ([TOLD[name]] if TOLD[name] else [])
    for each in found[name]:
        assert each.brief and each.headline and not each.faults
        assert each.location is not None and each.location.function == name, each.location


def test_a_place_is_the_line_that_does_it(found: dict[str, list[Diagnosis]]) -> None:
    lines = {
        name: (each[0].location.text or "").strip()
        for name, each in found.items()
        if each and each[0].location
    }
    assert lines["sent_bad"].startswith("bpf_perf_event_output(")
    assert lines["constant_bad"] == "*count += 1;"
    assert lines["regs_bad"] == "return ctx->rdi == 1;"


def test_what_is_unset_is_named(found: dict[str, list[Diagnosis]]) -> None:
    assert "bytes 12..15 of 16 (padding after pid)" in found["sent_bad"][0].headline
    assert "bytes 2..3 of the key key (padding after port)" in found["key_bad"][0].headline


@pytest.fixture(scope="module")
def patched(found: dict[str, list[Diagnosis]]) -> dict[str, list[Diagnosis]]:
    edits = [edit for name in PATCHED for fix in found[name][0].fixes for edit in fix.edits]
    assert len(edits) == len(PATCHED)
    assert all(edit.lines[0].startswith(("\t", "} __attribute__")) for edit in edits)
    return told(compiled(with_edits(SOURCE.read_text(), edits)))


def with_edits(text: str, edits: Sequence[Edit]) -> str:
    lines = text.split("\n")
    for edit in edits:
        assert edit.first == edit.last
        lines[edit.first - 1] = edit.lines[0]
    return "\n".join(lines)


@pytest.mark.parametrize("name", PATCHED)
def test_the_patch_takes_it_away(name: str, patched: dict[str, list[Diagnosis]]) -> None:
    assert patched[name] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")
def test_they_load_here_before_and_after(found: dict[str, list[Diagnosis]]) -> None:
    edits = [edit for name in PATCHED for fix in found[name][0].fixes for edit in fix.edits]
    options = CaptureOptions(clang=CLANG, environment=dict(os.environ))
    after = replace(options, edited={str(SOURCE): with_edits(SOURCE.read_text(), edits)})
    for asked in (options, after):
        refused = [
            raw.program and raw.program.name
            for raw in capture.check(SOURCE, asked)
            if raw.verdict is not Verdict.LOADS
        ]
        assert [each for each in refused if each != "constant_bad"] == []  # kernels before 6.14 refuse that


def test_half_of_the_verifiers_instructions(raws: Sequence[RawReport]) -> None:
    assert told(raws, processed=499_999)["sent_good"] == []
    (budget,) = told(raws, processed=500_000)["sent_good"]
    assert budget.rule == "verifier-budget"
    assert "500000 instructions, 50 % of the 1000000" in budget.headline


def test_what_the_oldest_kernel_does_not_have(raws: Sequence[RawReport]) -> None:
    def said(oldest: str) -> list[str]:
        found = [each for all_ in told(raws, oldest).values() for each in all_]
        return [each.headline for each in found if each.rule in ("newer-than-oldest", "maps-over-memlock")]

    assert said("5.13") == []
    newer = said("5.7")
    assert any("map type ringbuf came with Linux 5.8, and the oldest kernel is 5.7" in each for each in newer)
    assert any("helper bpf_ringbuf_output came with Linux 5.8" in each for each in newer)
    assert any("locked memory" in each for each in said("5.10"))


def test_a_licence_is_missed_before_any_kernel_does(raws: Sequence[RawReport]) -> None:
    text = SOURCE.read_text().replace('char LICENSE[] SEC("license") = "GPL";', "")
    looking = Lints(lints.DEFAULT)
    found = {}
    for raw in (*raws, *compiled(text)):
        report = Report(raw.source, raw.flavour, Verdict.NOT_ASKED, raw.program)
        rules = [each.rule for each in looking.added(raw, report).diagnoses]
        found[str(raw.program and raw.program.name)] = rules
    assert "missing-license" in found["sent_bad"]
    assert found["constant_good"] == []


def test_every_lint_is_a_rule_and_has_one_module() -> None:
    rules = catalogue.load()
    for name in (*lints.DEFAULT, *lints.ASKED):
        assert rules.rule(name).name == name
    assert not lints.DEFAULT.keys() & lints.ASKED.keys()
    calls = {
        1: "bpf_map_lookup_elem",
        2: "bpf_map_update_elem",
        3: "bpf_map_delete_elem",
        4: "bpf_probe_read",
    }
    calls |= {6: "bpf_trace_printk", 25: "bpf_perf_event_output", 45: "bpf_probe_read_str"}
    calls |= {111: "bpf_skb_output", 112: "bpf_probe_read_user", 113: "bpf_probe_read_kernel"}
    calls |= {114: "bpf_probe_read_user_str", 115: "bpf_probe_read_kernel_str", 121: "bpf_xdp_output"}
    calls |= {130: "bpf_ringbuf_output", 177: "bpf_trace_vprintk"}
    assert {number: helpers.by_id()[number].name for number in calls} == calls
    used = {number for _, numbers in (lints.DEFAULT | lints.ASKED).values() for number in numbers}
    assert used == calls.keys()
    own = {rule.name for rule in rules.rules if rule.topic == "lints"}
    assert own | {"missing-license"} == {*lints.DEFAULT, *lints.ASKED}
