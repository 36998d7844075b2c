"""Programs that are attached and count nothing, beside ones that count: the reason is named, or none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bpfdoctor.model.preflight import PreflightReport
from bpfdoctor.model.report import CaptureOptions
from bpfdoctor.preflight import system
from bpfdoctor.preflight.lints import pids
from bpfdoctor.preflight.run import preflight
from bpfdoctor.preflight.system.host import Host
from tests.compilers import CLANG
from tests.unit.formats.usdt_programs import built

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="attaching programs needs root")

HERE = Path(__file__).parent
WORK = r"""
#include <stdio.h>
#ifdef __x86_64__
#define KEPT "b" /* a register that no call's argument is in */
#else
#define KEPT "r"
#endif
__attribute__((noinline)) int work(int n) { __asm__ volatile(""); return n * 300; }
int main(void) {
    char line[64];
    fgets(line, sizeof(line), stdin);
    for (int n = 0; n < 5; n++) { PROBE("acme", "step", "0", "-4@%0", KEPT (n + 1000)); work(n); }
    return 0;
}
"""
#: program -> the reason that is named. None: it counts.
CASES = {
    "tp_process": None,
    "tp_both_halves": "pid-and-tgid-together",
    "tp_thread": "thread-id-filter",
    "tp_misspelt": "tracepoint-missing",
    "tp_category": "tracepoint-missing",
    "tp_option": "tracepoint-not-configured",
    "raw_process": None,
    "raw_both_halves": "pid-and-tgid-together",
    "raw_misspelt": "tracepoint-missing",
    "typed_process": None,
    "typed_both_halves": "pid-and-tgid-together",
    "up_argument": None,
    "up_as_usdt": "program-macro",
    "up_misspelt": "probed-function-near",
    "up_no_file": "probed-file-missing",
    "up_imported": "probed-import",
    "up_script": "probed-script",
    "ret_result": None,
    "ret_as_call": "program-macro",
    "usdt_argument": None,
    "usdt_as_call": "program-macro",
    "usdt_misspelt": "usdt-probe-missing",
    "usdt_provider": "usdt-other-provider",
    "xdp_order": None,
    "xdp_host_order": "network-order-field",
    "tc_order": None,
    "tc_host_order": "network-order-field",
    "cgroup_order": None,
    "cgroup_host_order": "network-order-field",
    "cgroup_address": None,
    "cgroup_host_address": "network-order-field",
    "perf_process": None,
    "perf_both_halves": "pid-and-tgid-together",
    "tp_every_call": None,
    "tp_switched_off": "constant-holds-back",
}
if Host().config("SCHEDSTATS") != "n":
    del CASES["tp_option"]
if pids.in_namespace():  # a clean root has one: the number that the program is given is none of the kernel's
    CASES |= dict.fromkeys(("tp_process", "raw_process", "typed_process", "perf_process"), "pid-of-namespace")
#: of the machine, whatever the program is
OF_THE_MACHINE = {"tracefs-not-mounted", "no-hardware-events"}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The program in user space, and the object."""
    folder = tmp_path_factory.mktemp("silent")
    program, script = built(folder, WORK), folder / "script"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    return program, folder / "silent.o"


def defines(program: Path) -> tuple[str, str]:
    return f'PROGRAM="{program}"', f'SCRIPT="{program.parent / "script"}"'


@pytest.fixture(scope="module")
def said(paths: tuple[Path, Path]) -> dict[str, list[str]]:
    options = CaptureOptions(clang=CLANG, environment=dict(os.environ), defines=defines(paths[0]))
    with system.of(None, lambda _: None) as machine:
        reports = preflight(HERE / "silent.bpf.c", options, machine)
    found = [report for report in reports if isinstance(report, PreflightReport)]
    return {
        str(report.program and report.program.name): [
            each.rule for each in report.diagnoses if each.rule not in OF_THE_MACHINE
        ]
        for report in found
    }


@pytest.fixture(scope="module")
def became(paths: tuple[Path, Path]) -> dict[str, tuple[int, int]]:
    program, compiled = paths
    arch = {"x86_64": "x86", "aarch64": "arm64"}[os.uname().machine]
    command = [CLANG, "-target", "bpf", "-g", "-O2", f"-I/usr/include/{os.uname().machine}-linux-gnu"]
    flags = [f"-D__TARGET_ARCH_{arch}", *(f"-D{each}" for each in defines(program))]
    subprocess.run([*command, *flags, "-c", str(HERE / "silent.bpf.c"), "-o", str(compiled)], check=True)
    run = [sys.executable, str(HERE / "counting.py"), str(compiled), str(program)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, tuple[int, int]] = {
        name: (each[0], each[1]) for name, each in json.loads(done.stdout).items()
    }
    return told


@pytest.mark.parametrize("name", CASES)
def test_what_counts_nothing_has_its_reason_and_what_counts_has_none(
    name: str, said: dict[str, list[str]], became: dict[str, tuple[int, int]]
) -> None:
    error, count = became[name]
    assert (count > 0) == (CASES[name] is None), (os.strerror(error), count)
    other = {"pid-of-namespace"} - {CASES[name]}  # beside the reason that the program has anywhere
    assert [rule for rule in said[name] if rule not in other] == ([CASES[name]] if CASES[name] else [])
