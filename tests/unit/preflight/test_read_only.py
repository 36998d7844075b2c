"""preflight and preflight --live leave everything as it was, also when they are ended in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.compilers import CLANG, HEADERS
from tests.unit.preflight import left_behind
from tests.unit.preflight.left_behind import instances

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SLOW = "#define A(x) x x x x x x x x\n#define B(x) A(A(A(A(A(A(A(A(x))))))))\nB(int a;)\n"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("read-only") / "live.o"
    command = [CLANG, "-O2", "-g", "-target", "bpf", f"-I{HEADERS}", "-c", str(HERE / "live.bpf.c")]
    subprocess.run([*command, "-o", str(out)], check=True)
    return out


@contextmanager
def attached(compiled: Path) -> Iterator[int]:
    """The process of a program that is attached, with a map that takes a while to read."""
    command = [sys.executable, str(HERE / "attaching.py"), str(compiled), "keeps", "raw_tp", "sched_switch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        yield child.pid
        child.communicate("")


class Command:
    """bpfdoctor at work in folders of its own; afterwards nothing may be there that was not."""

    def __init__(self, folder: Path, *arguments: str | Path) -> None:
        self._folders = [folder / name for name in ("home", "scratch", "work")]
        for each in self._folders:
            each.mkdir()
        home, scratch, work = map(str, self._folders)
        (Path(work) / "own.bpf.c").write_text(SLOW)
        self._files = left_behind.files(*self._folders)
        self._objects, self._machine = left_behind.objects(), left_behind.machine()
        # our own cache is no file of the user's, and stays where it is
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        places = {"HOME": home, "XDG_CACHE_HOME": cache, "TMPDIR": scratch}
        places |= {"PYTHONPATH": str(ROOT), "CLANG": CLANG}
        command = [sys.executable, "-m", "bpfdoctor", "preflight", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, cwd=work, env={**os.environ, **places}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def left_nothing(self) -> bool:
        """Waits for its end."""
        self.process.communicate(timeout=60)
        until(lambda: not instances(self.process.pid))  # whoever is killed has it done by another process
        assert not instances(self.process.pid)
        assert left_behind.machine() == self._machine
        assert left_behind.files(*self._folders) == self._files
        assert left_behind.new_objects(self._objects) == {}
        return True


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)


def reads_a_map(pid: int) -> bool:
    """Whether a process has a map open at this moment, and counts hooks."""
    with suppress(OSError):
        for each in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                if os.readlink(f"/proc/{pid}/fd/{each}") == "anon_inode:bpf-map":
                    return bool(instances(pid))
    return False


def compiles(pid: int) -> bool:
    """Whether the compiler is at work for it."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return any(b"clang" in Path(f"/proc/{each}/cmdline").read_bytes() for each in children)
    return False


def starts(pid: int) -> bool:
    """Whether a process is there: Python reads its modules."""
    return pid > 0


@pytest.mark.parametrize("name", ["live.bpf.c", "live.o"])
def test_a_file(tmp_path: Path, compiled: Path, name: str) -> None:
    command = Command(tmp_path, compiled if name.endswith(".o") else HERE / name)
    assert command.left_nothing() and command.process.returncode in (0, 1)


def test_what_is_loaded(tmp_path: Path, compiled: Path) -> None:
    with attached(compiled) as pid:
        command = Command(tmp_path, "--live", str(pid), "--seconds", "0.1")
        assert command.left_nothing() and command.process.returncode == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ended_while_it_compiles(tmp_path: Path, how: signal.Signals) -> None:
    command = Command(tmp_path, "own.bpf.c")
    until(lambda: compiles(command.process.pid))
    command.process.send_signal(how)
    assert command.left_nothing() and command.process.returncode in (128 + how, -how)


@pytest.mark.parametrize(
    ("moment", "how"),
    [
        (starts, signal.SIGINT),
        (instances, signal.SIGINT),
        (reads_a_map, signal.SIGINT),
        (instances, signal.SIGTERM),
        (reads_a_map, signal.SIGTERM),
        (reads_a_map, signal.SIGKILL),
    ],
)
def test_ended_while_it_watches(
    tmp_path: Path, compiled: Path, moment: Callable[[int], object], how: signal.Signals
) -> None:
    with attached(compiled) as pid:
        command = Command(tmp_path, "--live", str(pid), "--seconds", "30")
        until(lambda: moment(command.process.pid) or command.process.poll() is not None)
        assert command.process.poll() is None, "it ended before that moment"
        command.process.send_signal(how)
        assert command.left_nothing() and command.process.returncode in (128 + how, -how)
