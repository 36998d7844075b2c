"""Runs the real command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BPFDOCTOR = (sys.executable, "-m", "bpfdoctor")
READ_OK = "R3 !read_ok\n"


def a_log_of_each_rule() -> list[str]:
    """The smallest stored log of each rule that has one."""
    rules = sorted((ROOT / "corpus/cases").iterdir())
    logs = [sorted(rule.glob("*/logs/*.log"), key=lambda log: log.stat().st_size) for rule in rules]
    return [str(found[0]) for found in logs if found]


@dataclass(frozen=True)
class Done:
    """What a run printed, and its exit status."""

    status: int
    out: str
    err: str


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what decides about colour, width and buffers."""
    own = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS", "BPFDOCTOR_DEBUG", "PYTHONUNBUFFERED")
    kept = {key: value for key, value in os.environ.items() if key not in own}
    return kept | {"PYTHONUTF8": "1"} | dict(changes or {})


def bpfdoctor(
    *arguments: str | Path,
    stdin: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Done:
    """`bpfdoctor ARGUMENTS`, with `stdin` piped into it (None: /dev/null)."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [*BPFDOCTOR, *map(str, arguments)],
        input=data if data is not None else b"",
        capture_output=True,
        env=environment(env) | {"PYTHONPATH": path},
        cwd=cwd,
        check=False,
        timeout=120,
    )
    return Done(
        done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="replace")
    )
