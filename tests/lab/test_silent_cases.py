"""Programs that guests attach: what counts nothing or is refused has its reason, and what counts has none."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bpfdoctor.lab import kernels, pool, qemu
from bpfdoctor.lab.counting import Counted, counted
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.pool import Lab
from bpfdoctor.model.preflight import Answer, PreflightReport
from bpfdoctor.model.report import CaptureOptions
from bpfdoctor.preflight import system
from bpfdoctor.preflight.run import preflight
from tests.compilers import CLANG
from tests.lab.conftest import NEW, OLD, PROGRAMS

#: What a guest does with a program; None where it counts.
ZERO, NOT_ATTACHED, NOT_LOADED = "attached, counts 0", "not attached", "not loaded"
#: What preflight says where only a module, which the guests do not load, could have the name.
UNKNOWN = "the kernel itself has no "
WELL: tuple[str | None, str] = (None, "")
#: Program -> (what becomes of it, what preflight says) on the old kernel and on the new one.
CASES: dict[str, tuple[tuple[str | None, str], tuple[str | None, str]]] = {
    "function": (WELL, WELL),
    "misspelt": ((NOT_ATTACHED, UNKNOWN),) * 2,
    "inlined": ((NOT_ATTACHED, UNKNOWN),) * 2,
    "as_compiled": (WELL, WELL),
    "compiled_otherwise": ((NOT_ATTACHED, "kernel-function-renamed"),) * 2,
    "namesake": ((ZERO, "kernel-function-namesake"), (NOT_ATTACHED, "kernel-function-ambiguous")),
    "beside_namesake": (WELL, WELL),
    "not_traced": ((NOT_ATTACHED, "function-not-traceable"),) * 2,
    "blacklisted": ((NOT_ATTACHED, "kprobe-blacklisted"),) * 2,
    "in_module": ((NOT_ATTACHED, UNKNOWN),) * 2,
    "call_by_wrapper": (WELL, WELL),
    "call_by_name": ((NOT_ATTACHED, "system-call-name"),) * 2,
    "call_seldom": ((ZERO, "system-call-seldom"),) * 2,
    "call_of_arm64": ((NOT_ATTACHED, "system-call-name"),) * 2,
    "call_by_libbpf": (WELL, WELL),
    "call_misspelt": ((NOT_ATTACHED, "system-call-missing"),) * 2,
    "returns": (WELL, WELL),
    "returns_late": (WELL, WELL),
    "returns_misspelt": ((NOT_ATTACHED, UNKNOWN),) * 2,
    "several": ((NOT_ATTACHED, "no-kprobe-multi"), WELL),
    "several_no_match": ((NOT_ATTACHED, "no-kprobe-multi"), (NOT_ATTACHED, UNKNOWN)),
    "enters": (WELL, WELL),
    "enters_misspelt": ((NOT_LOADED, UNKNOWN),) * 2,
    "enters_renamed": ((NOT_LOADED, "kernel-function-renamed"),) * 2,
    "enters_not_traced": ((NOT_LOADED, "function-without-type"), (NOT_ATTACHED, "function-not-traceable")),
    "leaves": (WELL, WELL),
    "event": (WELL, WELL),
    "event_misspelt": ((NOT_ATTACHED, "tracepoint-missing"),) * 2,
    "event_switched_off": ((ZERO, "tracepoint-switched-off"),) * 2,
    "event_option": ((NOT_ATTACHED, "tracepoint-not-configured"),) * 2,
    "event_in_module": ((NOT_ATTACHED, UNKNOWN),) * 2,
    "raw": (WELL, WELL),
    "raw_misspelt": ((NOT_ATTACHED, UNKNOWN),) * 2,
    "typed": (WELL, WELL),
    "typed_misspelt": ((NOT_LOADED, UNKNOWN),) * 2,
    "lsm": ((None, "bpf-lsm-not-active"), WELL),  # our guests are started with lsm=bpf
    "lsm_misspelt": ((NOT_LOADED, "lsm-hook-missing"),) * 2,
    "argument": (WELL, WELL),
    "result": (WELL, WELL),
    "result_as_argument": ((ZERO, "program-macro"),) * 2,
    "call_argument": (WELL, WELL),
    "call_argument_direct": ((ZERO, "system-call-arguments"),) * 2,
    "typed_argument": (WELL, WELL),
    "call_inside": (WELL, WELL),
    "argument_as_typed": ((ZERO, "program-macro"),) * 2,
    "both_halves": ((ZERO, "pid-and-tgid-together"),) * 2,
    "several_both_halves": ((NOT_ATTACHED, "no-kprobe-multi"), (ZERO, "pid-and-tgid-together")),
    "enters_both_halves": ((ZERO, "pid-and-tgid-together"),) * 2,
    "leaves_both_halves": ((ZERO, "pid-and-tgid-together"),) * 2,
    "lsm_both_halves": ((ZERO, "pid-and-tgid-together"),) * 2,
}
SOURCE = PROGRAMS / "silent.bpf.c"
Both = dict[str, dict[str, Counted]]


@pytest.fixture(scope="module")
def became(lab: Lab, old: LabKernel, new: LabKernel, compiled: Callable[[str], bytes]) -> Both:
    data = compiled("silent")
    return {
        name: {each.program: each for each in counted(lab, kernel, data)}
        for name, kernel in ((OLD, old), (NEW, new))
    }


def asked(kernel: str) -> dict[str, PreflightReport]:
    """What preflight says of each program."""
    options = CaptureOptions(clang=CLANG, environment=dict(os.environ))
    with system.of(kernel, lambda _: None) as machine:
        reports = preflight(SOURCE, options, machine)
    found = [each for each in reports if isinstance(each, PreflightReport)]
    return {str(each.program and each.program.name): each for each in found}


@pytest.fixture(scope="module")
def said() -> dict[str, dict[str, PreflightReport]]:
    return {kernel: asked(kernel) for kernel in (OLD, NEW)}


def fate(one: Counted) -> str | None:
    if one.errno:
        return NOT_LOADED
    return NOT_ATTACHED if one.not_attached else ZERO if one.count == 0 else None


@pytest.mark.parametrize("kernel", [OLD, NEW])
@pytest.mark.parametrize("name", CASES)
def test_what_is_silent_has_its_reason_and_what_counts_has_none(
    kernel: str, name: str, became: Both, said: dict[str, dict[str, PreflightReport]]
) -> None:
    expected, reason = CASES[name][kernel == NEW]
    one, report = became[kernel][name], said[kernel][name]
    assert fate(one) == expected, (os.strerror(one.errno), os.strerror(one.not_attached), one.count)
    rules = [each.rule for each in report.diagnoses]
    if reason == UNKNOWN:
        assert report.answer is Answer.UNKNOWN and report.unknown[0].startswith(UNKNOWN) and not rules
    else:
        assert (reason in rules) == bool(reason)
        assert bool(rules) == bool(reason)


@pytest.mark.parametrize("kernel", [OLD, NEW])
def test_the_setting_that_is_named_switches_the_tracepoint_on(
    lab: Lab, kernel: str, compiled: Callable[[str], bytes]
) -> None:
    (resolved,) = kernels.resolve([kernel], print)
    on = {"/proc/sys/kernel/sched_schedstats": "1"}
    (one,) = counted(lab, resolved, compiled("silent"), program="event_switched_off", settings=on)
    assert one.count > 0


def test_bpf_that_is_not_among_the_boot_lines_lsms(
    old: LabKernel, fresh_cache: Callable[..., Path], compiled: Callable[[str], bytes]
) -> None:
    fresh_cache(old)
    with pool.Lab(print, with_qemu=replace(qemu.find(), boot="")) as lab:
        (one,) = counted(lab, old, compiled("silent"), program="lsm")
    assert fate(one) == ZERO


def test_a_function_that_returns_late_uses_up_what_a_kretprobe_can_follow(
    lab: Lab, new: LabKernel, compiled: Callable[[str], bytes]
) -> None:
    """As many as have entered it and not returned: from 10 on with two processors and less."""
    counts = [
        counted(lab, new, compiled("silent"), program="returns_late", sleepers=number)[0].count
        for number in (2, 40)
    ]
    assert counts == [20, 0]
