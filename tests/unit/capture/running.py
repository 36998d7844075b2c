"""What the tests of capture share beside fixtures."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from bpfdoctor.model.report import RawReport

Check = Callable[..., list[RawReport]]  # (file name, text, **CaptureOptions)
Write = Callable[[str, str | bytes], Path]


def text_of(report: RawReport) -> str:
    """What was printed, as text."""
    said = report.data if report.log is None else report.log
    return bytes(said[:]).decode("utf-8", "replace")


def gone(kind: str, name: str) -> bool:
    """Whether the kernel has let go of everything called `name`, a moment after its last user."""
    for _ in range(100):
        shown = subprocess.run(
            ["/usr/sbin/bpftool", kind, "list"], capture_output=True, text=True, check=False
        )
        if name not in shown.stdout:
            return True
        time.sleep(0.1)
    return False


def ended(command: str) -> bool:
    """Whether no process has this command line, a moment after it was killed."""
    for _ in range(100):
        if command not in command_lines():
            return True
        time.sleep(0.1)
    return False


def command_lines() -> list[str]:
    """Those of all processes, as `ps` shows them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended in this moment
            found.append(path.read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace"))
    return found


def python(code: str, *, without: Sequence[str] = (), **environment: str) -> str:
    """What `code` prints in a Python of its own, on a machine where the paths `without` are gone.

    They are hidden behind an empty file or folder, in a mount namespace of that Python's own.
    """
    hide = "".join(
        f"mount -t tmpfs none {path}\n" if os.path.isdir(path) else f"mount --bind /dev/null {path}\n"
        for path in without
    )
    script = f'set -e\n{hide}exec "$@"\n'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-c", PRELUDE + code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PRELUDE = """
import sys
from pathlib import Path
from bpfdoctor import capture
from bpfdoctor.capture import privileges
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour

def tell(path, **options):
    try:
        for report in capture.check(Path(path), CaptureOptions(**options)):
            print(report.verdict, report.program and report.program.name, *report.notes, sep=" | ")
    except Problem as problem:
        print(problem.sentence, *problem.ways_out, sep=" | ")
"""
