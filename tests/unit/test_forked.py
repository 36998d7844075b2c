"""A copy of this process does bounded work, and what it does not finish is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bpfdoctor import forked

ROOT = Path(__file__).parents[2]


def _killed() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def _busy() -> bytes:
    while True:
        pass


def _asleep() -> bytes:
    time.sleep(60)
    return b""


def test_the_answer_is_the_works() -> None:
    assert forked.worked_out(lambda: b"x" * 3_000_000, 5) == b"x" * 3_000_000


#: what is endless, too large, or fatal
ENDINGS: dict[str, Callable[[], bytes]] = {
    "busy": _busy,
    "asleep": _asleep,
    "killed": _killed,
    "memory": lambda: bytes(4 << 30),
    "a long answer": lambda: bytes(100 << 20),
}


@pytest.mark.parametrize("work", ENDINGS.values(), ids=ENDINGS)
def test_work_that_does_not_end_well_has_no_answer(work: Callable[[], bytes]) -> None:
    start = time.monotonic()
    with pytest.raises(forked.Unfinished):
        forked.worked_out(work, 1)
    assert time.monotonic() - start < 10
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        forked.worked_out(lambda: bytes([1 // 0]), 5)


def test_a_file_that_the_copy_writes_is_bounded(tmp_path: Path) -> None:
    def write() -> bytes:
        with (tmp_path / "a").open("wb") as file:
            file.truncate(1 << 40)
        return b""

    with pytest.raises((forked.Unfinished, RuntimeError)):
        forked.worked_out(write, 5)
    assert (tmp_path / "a").stat().st_size == 0


WITH_RIGHTS = """
import os, sys
sys.path.insert(0, sys.argv[1])
from bpfdoctor import forked, rights
os.environ["SUDO_UID"] = "65534"
os.environ["SUDO_GID"] = "65534"
rights.become_caller()
assert rights.permitted()
seen = forked.worked_out(lambda: str(sorted(rights.permitted())).encode(), 5)
print(seen.decode(), bool(rights.permitted()))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to be called by sudo")
def test_the_copy_has_no_rights_under_sudo() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITH_RIGHTS, str(ROOT)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "[] True\n", done.stderr
