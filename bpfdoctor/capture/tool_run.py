"""Runs a BCC tool, where its user asks for that, to see what it would load and attach: nothing of it is.

It runs in user, mount, network, pid and ipc namespaces of its own, where it has no right over anything
outside; file systems are read-only; it has limits on time and memory.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bpfdoctor import processes
from bpfdoctor.capture.python_attach import METHODS
from bpfdoctor.model.attach import Attach
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass

_SECONDS = 20
_CPU_SECONDS = 10
_RECENT = 20  # a loop may attach the same again
_MOST = 32 << 20  # bytes of its records
_PYTHON = "/usr/bin/python3"  # bcc comes from the distribution and belongs to its Python
_CHILD = Path(__file__).with_name("_tool_child.py")
_NAMESPACES = (
    "--user",
    "--map-root-user",
    "--mount",
    "--net",
    "--pid",
    "--ipc",
    "--uts",
    "--fork",
    "--kill-child",
)


@dataclass(frozen=True, slots=True)
class ToolRun:
    """What a tool did until it began to wait for events, or ended."""

    attaches: tuple[Attach, ...]
    texts: tuple[str, ...]  # of each BPF(…)
    ended: str  # how it ended, where it failed; "" otherwise


def run(path: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> ToolRun:
    """Raises Problem where it cannot be secluded, or bcc is not installed."""
    unshare = shutil.which("unshare", path="/usr/bin:/bin")
    if unshare is None or not os.access(_PYTHON, os.X_OK):
        raise Problem("To run a tool, unshare (util-linux) and /usr/bin/python3 are needed.")
    methods = json.dumps({name: method.parameters for name, method in METHODS.items()})
    with tempfile.TemporaryFile(prefix="bpfdoctor-") as records:
        number = records.fileno()
        command = [
            *(unshare, *_NAMESPACES, _PYTHON, "-I", "-B", str(_CHILD)),
            *(str(number), str(_CPU_SECONDS), methods, str(path.resolve()), *arguments),
        ]
        process = processes.start_own(
            command,
            with_rights=False,
            stdin=processes.DEVNULL,
            stdout=processes.DEVNULL,
            stderr=processes.DEVNULL,
            pass_fds=(number,),
            env=dict(environment) or None,
            start_new_session=True,
        )
        finished = processes.ended(process, _SECONDS)
        processes.kill(process)
        records.seek(0)
        return _read(path, records.read(_MOST), finished)


def _read(path: Path, data: bytes, finished: bool) -> ToolRun:
    attaches: list[Attach] = []
    texts: list[str] = []
    ended = f"it was stopped after {_SECONDS} seconds" if not finished else "it was ended from outside"
    if not data:
        raise Problem(
            f"{path} was not run: it cannot be secluded here.",
            "User namespaces have to be allowed: `unshare -Ur true`.",
        )
    for line in data.split(b"\n")[:-1]:
        try:
            record: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        match record.get("event"):
            case "attach":
                if (each := _attach(record)) not in attaches[-_RECENT:]:
                    attaches.append(each)
            case "bpf":
                texts.append(str(record["text"]))
            case "not-secluded":
                raise Problem(
                    f"{path} was not run, because file systems cannot be made read-only ({record['why']})."
                )
            case "no-bcc":
                raise Problem(f"{path} was not run: {_PYTHON} has no bcc ({record['why']}).")
            case "end":
                ended = str(record["how"])
    return ToolRun(tuple(attaches), tuple(texts), ended)


def _attach(record: dict[str, Any]) -> Attach:
    values = {str(key): value for key, value in record["values"].items()}
    function = values.get("fn_name", values.get("fn"))
    return Attach(
        record["method"],
        record["line"],
        0,
        0,
        function if isinstance(function, str) else None,
        values,
        {},
        "",
    )
