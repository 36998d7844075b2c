"""However bpfdoctor is ended, nothing that it started goes on, and no temporary folder stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.command import BPFDOCTOR, ROOT, environment

ASKED = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}

HEADER = "#include <linux/bpf.h>\n"
PROGRAM = HEADER + '__attribute__((section("xdp"), used)) int f(struct xdp_md *c) { return 2; }\n'
# A few kilobytes that clang works on for minutes.
SLOW = "#define A(x) x x x x x x x x\n#define B(x) A(A(A(A(A(A(A(A(x))))))))\nB(int a;)\n"
# The verifier walks a million instructions of it, for some seconds.
LONG = (ROOT / "tests/lab/programs/slow.bpf.c").read_text()


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    found: set[int] = set()
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in map(int, children):
        found |= {child} | descendants(child)
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def alive(pid: int) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Whether a condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


class Running:
    """A `bpfdoctor check` at work, with a folder for temporary files of its own."""

    def __init__(self, path: Path, scratch: Path, *arguments: str, ignoring: str = "") -> None:
        self.scratch = scratch
        command = [*BPFDOCTOR, "check", *arguments, "--", str(path)]
        if ignoring:
            command = ["sh", "-c", f'trap "" {ignoring}; exec "$@"', "sh", *command]
        self.process = subprocess.Popen(
            command,
            env=environment({"TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.children: set[int] = set()

    def wait_for(self, what: str) -> None:
        """Until a child is at work whose command line has this in it."""

        def there() -> bool:
            self.children |= descendants(self.process.pid)
            return any(what in command_of(child) for child in self.children)

        assert until(there, 60), f"{what} was never started: {self.process.communicate()}"
        time.sleep(0.2)
        self.children |= descendants(self.process.pid)

    def gone(self) -> bool:
        """Whether no child is left, in a moment."""
        return until(lambda: not any(alive(child) for child in self.children), 5)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    begun: list[Running] = []

    def run(text: str, name: str = "a.bpf.c", *arguments: str, ignoring: str = "") -> Running:
        (tmp_path / name).write_text(text)
        (tmp_path / "scratch").mkdir()
        begun.append(Running(tmp_path / name, tmp_path / "scratch", *arguments, ignoring=ignoring))
        return begun[-1]

    yield run
    for each in begun:
        each.process.kill()
        each.process.communicate()
        for child in each.children:
            if alive(child):
                os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("how", [*ASKED, signal.SIGKILL])
def test_the_compiler_ends_with_us(start: Callable[..., Running], how: signal.Signals) -> None:
    running = start(PROGRAM + SLOW, "a.bpf.c", "--no-load")
    running.wait_for("object.o")  # clang's command line names its output
    running.process.send_signal(how)
    assert running.process.wait(20) == ASKED.get(how, -how)
    assert running.gone()
    if how in ASKED:
        assert os.listdir(running.scratch) == []
        assert running.process.stderr is not None and running.process.stderr.read() == ""


@pytest.mark.parametrize("how", [*ASKED, signal.SIGKILL])
def test_bcc_ends_with_us(start: Callable[..., Running], how: signal.Signals) -> None:
    running = start(SLOW + "int kprobe__do_nanosleep(void *ctx) { return 0; }\n", "a.c", "--no-load")
    running.wait_for("_bcc_child")
    time.sleep(1)  # it compiles by now
    running.process.send_signal(how)
    assert running.process.wait(20) == ASKED.get(how, -how)
    assert running.gone()
    if how in ASKED:
        assert os.listdir(running.scratch) == []


@pytest.mark.parametrize("how", [*ASKED, signal.SIGKILL])
def test_what_follows_a_tool_ends_with_us(start: Callable[..., Running], how: signal.Signals) -> None:
    """It is a copy of bpfdoctor."""
    running = start("t = 'a' * 1000000\n" + "u = t + t + t + t\n" * 30_000 + "BPF(text=t)\n", "tool.py")
    running.wait_for("bpfdoctor")
    running.process.send_signal(how)
    assert running.process.wait(20) == ASKED.get(how, -how)
    assert running.children and running.gone()


@pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")
@pytest.mark.parametrize("how", [*ASKED, signal.SIGKILL])
def test_a_loader_ends_with_us_in_the_middle_of_the_verifiers_work(
    start: Callable[..., Running], how: signal.Signals
) -> None:
    running = start(LONG)
    running.wait_for("_libbpf_child")
    time.sleep(0.3)
    assert all(alive(child) for child in descendants(running.process.pid))
    running.process.send_signal(how)
    assert running.process.wait(20) == ASKED.get(how, -how)
    assert running.gone()


def test_a_second_signal_does_not_interrupt_the_cleaning(start: Callable[..., Running]) -> None:
    running = start(PROGRAM + SLOW, "a.bpf.c", "--no-load")
    running.wait_for("object.o")
    for how in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        running.process.send_signal(how)
    assert running.process.wait(20) in ASKED.values()
    assert running.gone() and os.listdir(running.scratch) == []


def test_nohup_is_respected(start: Callable[..., Running]) -> None:
    running = start(PROGRAM + SLOW, "a.bpf.c", "--no-load", ignoring="HUP")
    running.wait_for("object.o")
    running.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert running.process.poll() is None
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 143


@pytest.mark.parametrize("how", [*ASKED, signal.SIGKILL])
def test_a_log_that_never_comes_is_no_reason_to_stay(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-m", "bpfdoctor"], stdin=subprocess.PIPE, cwd=ROOT) as process:
        time.sleep(1)
        process.send_signal(how)
        assert process.wait(20) == ASKED.get(how, -how)


def test_two_at_once_are_one() -> None:
    """Ctrl-C reaches a copy, and the process that it is a copy of ends it: nothing is to be said of that."""
    program = (
        "import os, signal\n"
        "from bpfdoctor.cli.run import end_well_when_asked\n"
        "end_well_when_asked()\n"
        "both = signal.SIGINT, signal.SIGTERM\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, both)\n"
        "for each in both: os.kill(os.getpid(), each)\n"
        "try:\n"
        "    signal.pthread_sigmask(signal.SIG_UNBLOCK, both)\n"
        "finally:\n"
        "    print('unwound')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "unwound\n", "")
