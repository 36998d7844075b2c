"""`bpfdoctor run`: what a loader prints is passed on as it is, and explained; its exit status is kept."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bpfdoctor.cli.recorded import Recording
from tests.cli.command import BPFDOCTOR, READ_OK, ROOT, bpfdoctor, environment

LOADER = f"""
import sys
print("starting")
sys.stderr.write({READ_OK!r})
sys.exit(3)
"""


def test_what_it_prints_is_passed_on_and_explained() -> None:
    done = bpfdoctor("run", "--", sys.executable, "-c", LOADER)
    assert (done.status, done.out) == (3, "starting\n")
    assert done.err.startswith(READ_OK) and "error[BD201]" in done.err[len(READ_OK) :]


def test_the_explanation_goes_where_it_is_asked_to(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    done = bpfdoctor("run", "--output-format", "json", "-o", file, "--", sys.executable, "-c", LOADER)
    assert (done.status, done.out, done.err) == (3, "starting\n", READ_OK)
    assert json.loads(file.read_text())["reports"][0]["findings"][0]["id"] == "BD201"


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("exit 0", 0, ""),
        ("exit 4", 4, "note: sh ended with 4, and bpfdoctor knows nothing of what it printed.\n"),
        ("kill -KILL $$", 137, "note: sh was ended by SIGKILL, and bpfdoctor knows nothing of what"),
    ],
)
def test_the_exit_status_is_the_commands(script: str, status: int, said: str) -> None:
    done = bpfdoctor("run", "sh", "-c", script)
    assert done.status == status and done.err[: len(said) or None] == said


def test_a_command_that_is_not_there() -> None:
    done = bpfdoctor("run", "./no-such-loader", "-v")
    assert (done.status, done.err) == (
        127,
        "error: ./no-such-loader cannot be started: no such file or directory.\n",
    )
    assert bpfdoctor("run", "--", ROOT / "README.md").status == 126


def test_options_behind_the_command_are_its_own() -> None:
    assert bpfdoctor("run", "echo", "-o", "--help").out == "-o --help\n"


def test_what_a_command_leaves_running_is_not_waited_for() -> None:
    done = bpfdoctor("run", "--", "sh", "-c", "sleep 60 & echo $!")
    os.kill(int(done.out), signal.SIGKILL)
    assert done.status == 0


def test_a_command_on_a_terminal_sees_one() -> None:
    ours, theirs = pty.openpty()
    isatty = "import os; print(*map(os.isatty, range(3)))"
    command = [*BPFDOCTOR, "run", "--", sys.executable, "-c", isatty]
    done = subprocess.run(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(), check=False)
    assert (done.returncode, os.read(ours, 100)) == (0, b"True True True\r\n")
    os.close(ours)
    os.close(theirs)


def test_a_signal_is_handed_on() -> None:
    script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen(
        [*BPFDOCTOR, "run", "--", "sh", "-c", script], stdout=subprocess.PIPE, env=environment(), text=True
    ) as running:
        assert running.stdout is not None and running.stdout.readline() == "ready\n"
        running.terminate()
        assert running.wait(20) == 9


def test_a_reader_that_goes_away_ends_it() -> None:
    with subprocess.Popen(
        [*BPFDOCTOR, "run", "--", "yes"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    ) as running:
        assert running.stdout is not None and running.stdout.read(2) == b"y\n"
        running.stdout.close()
        assert running.wait(20) == 128 + signal.SIGPIPE


def test_only_so_much_is_kept() -> None:
    with Recording(most=5) as recording:
        for part in (b"abc", b"defg", b"h"):
            recording.add(part)
        assert (Path(recording.path).read_bytes(), recording.whole) == (b"abcde", False)
