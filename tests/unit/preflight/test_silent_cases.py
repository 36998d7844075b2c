"""Programs that are attached and count nothing, beside ones that count: the reason is named, or none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor.model.preflight import Answer, PreflightReport
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import lints, system
from bpfdoctor.preflight.lints import pids
from bpfdoctor.preflight.run import preflight
from bpfdoctor.preflight.sections import of_section
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.source import Source
from tests.compilers import CLANG
from tests.unit.formats.usdt_programs import built

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="attaching programs needs root")

HERE = Path(__file__).parent
SOURCE = HERE / "silent.bpf.c"
WORK = r"""
#include <stdio.h>
#ifdef __x86_64__
#define KEPT "b" /* a register that no call's argument is in */
#else
#define KEPT "r"
#endif
SEMAPHORE(watched);
SEMAPHORE(guarded);
int twice(int n);
__attribute__((always_inline)) inline int twice(int n) { __asm__ volatile(""); return n * 2; }
static int three(int n) { __asm__ volatile(""); return n * 3; }
static void *choose(void) { return three; }
int chosen(int) __attribute__((ifunc("choose")));
__attribute__((noinline)) int work(int n) {
    if (watched) PROBE("acme", "watched", "watched", "-4@%0", KEPT (n));
    if (guarded) {
        __asm__ volatile(".globl at_guarded\n.type at_guarded, @function\nat_guarded:");
        PROBE("acme", "guarded", "guarded", "-4@%0", KEPT (n));
    }
    return twice(n) * 150 + chosen(n) * 0;
}
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
    "tp_other_place": "tracepoint-field-moved",
    "tp_past_the_record": "tracepoint-record-short",
    "tp_seldom": "system-call-seldom",
    "tp_often": None,
    "tp_every_call": None,
    "tp_switched_off": "constant-holds-back",
    "raw_process": None,
    "raw_both_halves": "pid-and-tgid-together",
    "raw_misspelt": "tracepoint-missing",
    "call_by_libbpf": None,
    "call_misspelt": "system-call-missing",
    "raw_third_of_two": "raw-tracepoint-arguments",
    "raw_copied": "copied-structure",
    "raw_looked_up": None,
    "typed_process": None,
    "typed_both_halves": "pid-and-tgid-together",
    "typed_misspelt": "tracepoint-missing",
    "iter_tasks": None,
    "iter_both_halves": "pid-and-tgid-together",
    "iter_misspelt": "iterator-missing",
    "up_argument": None,
    "up_as_usdt": "program-macro",
    "up_as_typed": "program-macro",
    "up_guarded": "usdt-semaphore",
    "up_misspelt": "probed-function-near",
    "up_no_file": "probed-file-missing",
    "up_imported": "probed-import",
    "up_script": "probed-script",
    "up_stripped": "probed-function-stripped",
    "up_past": "probed-past-function",
    "up_inlined": "probed-function-inlined-too",
    "up_chooser": "probed-chooser",
    "up_chosen": None,
    "ret_result": None,
    "ret_misspelt": "probed-function-near",
    "ret_as_call": "program-macro",
    "usdt_argument": None,
    "usdt_as_call": "program-macro",
    "usdt_misspelt": "usdt-probe-missing",
    "usdt_provider": "usdt-other-provider",
    "usdt_two_of_one": "usdt-argument-missing",
    "usdt_watched": None,
    "usdt_no_file": "probed-file-missing",
    "xdp_order": None,
    "xdp_host_order": "network-order-field",
    "xdp_drops": None,
    "tc_order": None,
    "tc_host_order": "network-order-field",
    "cgroup_order": None,
    "cgroup_host_order": "network-order-field",
    "cgroup_address": None,
    "cgroup_host_address": "network-order-field",
    "skb_order": None,
    "skb_host_order": "network-order-field",
    "sock_order": None,
    "sock_host_order": "network-order-field",
    "ops_port": None,
    "ops_network_order": "host-order-field",
    "lookup_port": None,
    "lookup_network_order": "host-order-field",
    "perf_process": None,
    "perf_both_halves": "pid-and-tgid-together",
}
if Host().config("SCHEDSTATS") != "n":
    del CASES["tp_option"]
if Host().config("KPROBES") == "n":
    CASES |= dict.fromkeys(("call_by_libbpf", "call_misspelt"), "no-kprobes")
OF_PROCESSES = ("tp_process", "tp_often", "raw_process", "typed_process", "perf_process")
if pids.in_namespace():  # a clean root has one: the number that the program is given is none of the kernel's
    CASES |= dict.fromkeys(OF_PROCESSES, "pid-of-namespace")
#: place -> (whether a program counts there, the reason that is named); the programs are those that count
PLACES = {
    "xdp v0": (True, None),
    "xdp d0": (False, "device-down"),
    "xdp w0": (False, "device-mtu"),
    "xdp m0": (True, None),  # its own MTU is large, and its peer sends no large packets
    "xdp m1": (False, "device-mtu"),
    "xdp v9": (False, "device-missing"),
    "xdp second": (False, "device-has-program"),
    "tc v0": (True, None),
    "tc d0": (False, "device-down"),
    "tc after xdp": (False, "xdp-before-tc"),
    "cgroup": (True, None),
    "cgroup empty": (False, "cgroup-empty"),
    "cgroup folder": (False, "cgroup-not-there"),
    "perf_event cycles": (False, "no-hardware-events"),
}
if any(name.startswith("cpu") for name in os.listdir("/sys/bus/event_source/devices")):
    del PLACES["perf_event cycles"]
#: of the machine, whatever the program is
OF_THE_MACHINE = {"tracefs-not-mounted", "no-hardware-events"}
Became = dict[str, tuple[int, int, int]]


def made(folder: Path) -> tuple[Path, Path]:
    """The program in user space, and the object."""
    program, script = built(folder, WORK, "-g"), folder / "script"
    subprocess.run(["strip", "-o", f"{program}.stripped", program], check=True)
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    arch = {"x86_64": "x86", "aarch64": "arm64"}[os.uname().machine]
    command = [CLANG, "-target", "bpf", "-g", "-O2", f"-I/usr/include/{os.uname().machine}-linux-gnu"]
    flags = [f"-D__TARGET_ARCH_{arch}", *(f"-D{each}" for each in defines(program))]
    subprocess.run([*command, *flags, "-c", str(SOURCE), "-o", str(folder / "silent.o")], check=True)
    return program, folder / "silent.o"


def defines(program: Path) -> tuple[str, str]:
    return f'PROGRAM="{program}"', f'SCRIPT="{program.parent / "script"}"'


def printed(*command: str | Path) -> dict[str, Any]:
    """The JSON that a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def asked(paths: tuple[Path, Path]) -> dict[str, PreflightReport]:
    """What preflight says of each program."""
    options = CaptureOptions(clang=CLANG, environment=dict(os.environ), defines=defines(paths[0]))
    with system.of(None, lambda _: None) as machine:
        reports = preflight(SOURCE, options, machine)
    found = [report for report in reports if isinstance(report, PreflightReport)]
    return {str(report.program and report.program.name): report for report in found}


def counted(paths: tuple[Path, Path]) -> Became:
    """Program -> (error of its load, error of its attach call, how often it counted)."""
    return printed(sys.executable, HERE / "counting.py", paths[1], paths[0])


def counted_at_places(paths: tuple[Path, Path]) -> dict[str, tuple[str, int, list[str]]]:
    return printed(sys.executable, HERE / "counting_places.py", paths[1])


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return made(tmp_path_factory.mktemp("silent"))


@pytest.fixture(scope="module")
def said(paths: tuple[Path, Path]) -> dict[str, PreflightReport]:
    return asked(paths)


@pytest.fixture(scope="module")
def became(paths: tuple[Path, Path]) -> Became:
    return counted(paths)


@pytest.fixture(scope="module")
def at_places(paths: tuple[Path, Path]) -> dict[str, tuple[str, int, list[str]]]:
    return counted_at_places(paths)


@pytest.mark.parametrize("name", CASES)
def test_what_counts_nothing_has_its_reason_and_what_counts_has_none(
    name: str, said: dict[str, PreflightReport], became: Became
) -> None:
    not_loaded, not_attached, count = became[name]
    assert (count > 0) == (CASES[name] is None), (os.strerror(not_loaded), os.strerror(not_attached), count)
    other = {*OF_THE_MACHINE, "pid-of-namespace"} - {CASES[name]}  # beside the reason that it has anywhere
    rules = [each.rule for each in said[name].diagnoses if each.rule not in other]
    assert rules == ([CASES[name]] if CASES[name] else [])
    if not_loaded or not_attached:
        assert said[name].answer is not Answer.FIRES or said[name].diagnoses


def test_every_program_is_a_case(became: Became) -> None:
    assert set(became) - {"tp_option"} == set(CASES) - {"tp_option"}


@pytest.mark.parametrize("place", PLACES)
def test_places_where_programs_count_and_where_they_do_not(
    place: str, at_places: dict[str, tuple[str, int, list[str]]]
) -> None:
    counts, reason = PLACES[place]
    error, count, rules = at_places[place]
    assert (count > 0) is counts, error
    others = OF_THE_MACHINE - {reason}
    assert [each for each in rules if each not in others] == ([reason] if reason else [])


_LINTS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tests.unit.preflight.test_silent_cases import OF_PROCESSES, linted
print(json.dumps({name: linted(name) for name in OF_PROCESSES}))
"""


def linted(name: str) -> list[str]:
    """The reasons that the text of a program shows here."""
    source = SourceFile(str(SOURCE), SOURCE.read_text())
    raw = RawReport(b"", str(SOURCE), Flavour.LIBBPF, Stage.LOADER, files=(source,))
    text = Source(raw, Transcript(raw=raw, text=b""))
    return [each.rule for each in lints.look(of_section(name, ""), raw, text, Host())]


def test_numbers_of_processes_in_a_namespace(paths: tuple[Path, Path]) -> None:
    """The same programs that count outside of it."""
    program, compiled = paths
    inside = ("unshare", "--pid", "--fork", sys.executable)
    counts = printed(*inside, HERE / "counting.py", compiled, program)
    assert [counts[name] for name in OF_PROCESSES] == [[0, 0, 0]] * len(OF_PROCESSES)
    rules = printed(*inside, "-c", _LINTS, str(HERE.parents[2]))
    assert all(rules[name] == ["pid-of-namespace"] for name in OF_PROCESSES)


def test_a_copied_structure_is_marked_for_co_re(said: dict[str, PreflightReport]) -> None:
    (fix,) = said["raw_copied"].diagnoses[0].fixes
    (edit,) = fix.edits
    assert edit.lines == ("} __attribute__((preserve_access_index));",)
    lines = SOURCE.read_text().split("\n")
    assert (
        edit.first == next(at for at, line in enumerate(lines) if line.startswith("struct task_struct {")) + 4
    )


def test_the_name_that_was_meant_is_put_in_the_users_line(said: dict[str, PreflightReport]) -> None:
    (fix,) = said["tp_misspelt"].diagnoses[0].fixes
    (edit,) = fix.edits
    assert edit.lines == ('SEC("tp/raw_syscalls/sys_enter")',)
