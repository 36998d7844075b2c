"""Runs the real command line and ends what it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.cli.command import BPFDOCTOR, ROOT, Done, environment


def children(of: int, marked: str) -> list[int]:
    """The processes that `of` started whose command line has `marked` in it."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            stat = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            command = Path("/proc", entry, "cmdline").read_text()
        except (OSError, IndexError):
            continue
        if int(stat[1]) == of and marked in command:
            found.append(int(entry))
    return found


def with_a_child_killed(
    marked: str, number: signal.Signals, *arguments: str | Path, wait: float = 0.3
) -> Done:
    """The command, with every child that has `marked` in its command line sent a signal."""
    command = [*BPFDOCTOR, *map(str, arguments)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=ROOT
    )
    killed: set[int] = set()
    while process.poll() is None:
        for pid in set(children(process.pid, marked)) - killed:
            time.sleep(wait)  # it is at work by then
            killed.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        time.sleep(0.005)
    out, err = process.communicate()
    assert killed, f"no child with {marked} was met"
    return Done(process.returncode, out.decode(), err.decode())
