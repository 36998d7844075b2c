"""Programs attached in processes of their own, watched: one answer for each, and nothing is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfdoctor.preflight.live import contents, judge, loaded
from bpfdoctor.preflight.live.hook_counts import Counted, Counters
from bpfdoctor.preflight.live.judge import Answer, Seen
from tests.compilers import CLANG, HEADERS
from tests.unit.preflight.left_behind import instances, tracing

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

HERE = Path(__file__).parent
SECONDS = 1.0
# Program -> how attaching.py attaches it
ATTACHED = {
    "switches": ("tracepoint", "sched", "sched_switch"),
    "fills": ("raw_tp", "sched_switch"),
    "filtered": ("raw_tp", "sched_switch"),
    "counts": ("raw_tp", "sched_switch"),
    "sends": ("raw_tp", "sched_switch"),
    "hangs": ("raw_tp", "sched_process_hang"),
    "forgotten": ("none",),
    "unnamed": ("none",),
    "leaves": ("cgroup",),
    "ticks": ("perf",),
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("live") / "live.o"
    command = [CLANG, "-O2", "-g", "-target", "bpf", f"-I{HEADERS}", "-c", str(HERE / "live.bpf.c")]
    subprocess.run([*command, "-o", str(out)], check=True)
    return str(out)


def attach(compiled: str, program: str, *how: str) -> subprocess.Popen[str]:
    """A process that has attached the program; it ends with its standard input."""
    child = subprocess.Popen(
        [sys.executable, str(HERE / "attaching.py"), compiled, program, *how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    return child


@pytest.fixture(scope="module")
def seen(compiled: str) -> Iterator[dict[str, Seen]]:
    children = [attach(compiled, name, *how) for name, how in ATTACHED.items()]
    programs = [program for child in children for program in judge.chosen(str(child.pid))]
    found, why_uncounted = judge.watch(programs, SECONDS)
    assert not why_uncounted
    yield {one.program.name: one for one in found}
    for child in children:
        child.communicate("", timeout=20)


@pytest.mark.parametrize(
    ("program", "answer", "place"),
    [
        ("switches", Answer.RUNS, "tracepoint sched_switch"),
        ("fills", Answer.MAP_FULL, "tracepoint sched_switch"),
        ("filtered", Answer.CHANGES_NOTHING, "tracepoint sched_switch"),
        ("counts", Answer.RUNS, "tracepoint sched_switch"),
        ("sends", Answer.MAP_FULL, "tracepoint sched_switch"),
        ("hangs", Answer.NEVER_FIRES, "tracepoint sched_process_hang"),
        ("forgotten", Answer.FIRES_ELSEWHERE, None),
        ("unnamed", Answer.NOT_ATTACHED, None),
        ("leaves", Answer.NOT_KNOWN, "cgroup "),
        ("ticks", Answer.RUNS, "a perf event"),
    ],
)
def test_one_answer_for_each_program(
    seen: dict[str, Seen], program: str, answer: Answer, place: str | None
) -> None:
    one = seen[program]
    assert one.answer is answer
    said = [each.said for each in one.places]
    assert [place is not None and each.startswith(place) for each in said] == [True] * (place is not None)


def test_the_map_that_is_full_is_named(seen: dict[str, Seen]) -> None:
    assert [(each.name, each.most) for each in seen["fills"].full] == [("times", 4)]
    assert [(each.name, each.most) for each in seen["sends"].full] == [("events", 4096)]


def test_where_a_program_leaves_that_changes_nothing(seen: dict[str, Seen]) -> None:
    one = seen["filtered"]
    assert one.changed == ()
    assert [line.text for line in one.exits] == ["if (process != only)", "if (count)"]
    assert one.constants == (("only", 5_000_000),)


def test_the_maps_that_changed_are_named(seen: dict[str, Seen]) -> None:
    assert [(each.name, each.is_per_cpu) for each in seen["counts"].changed or ()] == [("seen", True)]


def test_what_a_tracing_program_was_loaded_for_is_known_without_a_link(seen: dict[str, Seen]) -> None:
    meant = seen["forgotten"].meant
    assert meant is not None and meant.said == "tracepoint sched_switch"


# In a network namespace of its own: a packet over lo, which the XDP program sees.
_ON_LO = """
import ctypes, fcntl, json, socket, struct, subprocess, sys
assert ctypes.CDLL(None).unshare(0x40000000) == 0
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
sys.path.insert(0, sys.argv[1])
from bpfdoctor.preflight.live import judge
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert child.stdout.readline() == "ready\\n"
programs = judge.chosen(str(child.pid))
before, _ = judge.watch(programs, 0.3)
real = judge.time.sleep
judge.time.sleep = lambda seconds: s.sendto(b"x", ("127.0.0.1", 9))
after, _ = judge.watch(programs, 0.3)
print(json.dumps([[one.answer, one.fired, one.runs, one.places[0].said] for one in before + after]))
child.communicate("")
"""


def test_xdp_on_a_device(compiled: str) -> None:
    root = str(HERE.parents[2])
    how = [sys.executable, str(HERE / "attaching.py"), compiled, "packets", "xdp", "lo"]
    run = subprocess.run(
        [sys.executable, "-c", _ON_LO, root, *how], capture_output=True, text=True, check=True
    )
    before, after = json.loads(run.stdout)
    assert before == [Answer.NEVER_FIRES, 0, 0, "device lo (xdp)"]
    assert after[0] == Answer.RUNS and after[1] == after[2] > 0


def test_nothing_is_left_of_counting() -> None:
    before = tracing()
    with Counters(frozenset({Counted("tracepoint", "sched_switch")})) as counters:
        assert instances(os.getpid())
        time.sleep(0.01)
        assert counters.count(Counted("tracepoint", "sched_switch")) is not None
    assert not instances(os.getpid())
    assert tracing() == before


def test_watching_changes_no_map_and_keeps_no_descriptor(compiled: str) -> None:
    child = attach(compiled, "filtered", "raw_tp", "sched_switch")
    try:
        programs = judge.chosen(str(child.pid))
        maps = [found for each in programs for id in each.maps if (found := loaded.loaded_map(id))]
        before = [contents.contents(each) for each in maps], len(os.listdir("/proc/self/fd"))
        judge.watch(programs, 0.05)
        assert ([contents.contents(each) for each in maps], len(os.listdir("/proc/self/fd"))) == before
    finally:
        child.communicate("", timeout=20)


def test_nothing_is_left_where_a_hook_cannot_be_counted() -> None:
    hook = Counted("tracepoint", "no_such_event")
    with Counters(frozenset({hook})) as counters:
        assert counters.count(hook) is None and "no such event" in counters.why_not[hook]
    assert not instances(os.getpid())


def test_the_command_ends_with_1_for_a_program_that_does_not_run(compiled: str) -> None:
    child = attach(compiled, "unnamed", "none")
    command = [sys.executable, "-m", "bpfdoctor", "preflight", "--live", str(child.pid), "--seconds", "0.1"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    child.communicate("", timeout=20)
    assert run.returncode == 1
    assert run.stdout.splitlines()[0].startswith("unnamed (tracepoint, id ")
    assert "nothing that can be seen from here" in run.stdout
    setting = Path("/proc/sys/kernel/bpf_stats_enabled").read_text().strip()
    assert f"kernel.bpf_stats_enabled is {setting}" in run.stderr
