"""What a command could have changed of this machine, as it is now: tracing, BPF objects, settings, files."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from struct import pack, unpack_from

from bpfdoctor.preflight.live import netlink
from bpfdoctor.preflight.system.bpf_call import bpf
from bpfdoctor.preflight.system.mounts import Mount

#: enum bpf_cmd: BPF_PROG_GET_NEXT_ID and its like
_NEXT = {"programs": 11, "maps": 12, "BTF": 23, "links": 31}
_TRACING = (
    "current_tracer", "set_event", "tracing_on", "set_ftrace_filter", "set_ftrace_notrace", "kprobe_events",
    "uprobe_events", "dynamic_events", "trace_options", "buffer_size_kb", "trace_clock",
)  # fmt: skip
_SETTINGS = (
    "kernel/bpf_stats_enabled", "kernel/ftrace_enabled", "kernel/kptr_restrict", "kernel/perf_event_paranoid",
    "kernel/unprivileged_bpf_disabled", "kernel/sched_schedstats", "net/core/bpf_jit_enable",
    "net/core/bpf_jit_harden", "net/core/bpf_jit_limit",
)  # fmt: skip
_SECONDS = 30  # other tests' programs end in that time


def tracing() -> dict[str, object]:
    """What ftrace does outside of instances."""
    tracefs = Mount("tracefs")
    return {name: tracefs.read(name) for name in _TRACING}


def instances(pid: int) -> list[str]:
    """ftrace's instances that a process of ours has made."""
    names = Mount("tracefs").names("instances") or ()
    return [name for name in names if name.startswith(f"bpfdoctor-{pid}-")]


def objects() -> dict[str, set[int]]:
    """The numbers of all BPF objects."""
    return {kind: set(_ids(command)) for kind, command in _NEXT.items()}


def _ids(command: int) -> list[int]:
    found: list[int] = []
    last = 0
    while True:
        try:
            _, answer = bpf(command, pack("=II", last, 0))
        except OSError:
            return found
        (last,) = unpack_from("=I", answer, 4)
        found.append(last)


def machine() -> dict[str, object]:
    """All that nobody else changes meanwhile."""
    return {
        "tracing": tracing(),
        "settings": {name: _text(f"/proc/sys/{name}") for name in _SETTINGS},
        "mounts": _text("/proc/self/mountinfo"),
        "devices": [(each.name, each.is_up, each.programs) for each in netlink.devices()],
    }


def files(*folders: Path) -> list[tuple[str, int, int]]:
    """Every file: (path, bytes, when it was written)."""
    every = [each for folder in folders for each in sorted(folder.rglob("*"))]
    return [(str(each), about.st_size, about.st_mtime_ns) for each in every if (about := each.lstat())]


def new_objects(before: Mapping[str, set[int]]) -> dict[str, set[int]]:
    """The BPF objects that were made since, and stay: those of other tests end in a moment."""
    found = {kind: ids - before[kind] for kind, ids in objects().items()}
    until = time.monotonic() + _SECONDS
    while any(found.values()) and time.monotonic() < until:
        time.sleep(0.05)
        found = {kind: ids & found[kind] for kind, ids in objects().items()}
    return {kind: ids for kind, ids in found.items() if ids}


def _text(path: str) -> str:
    return Path(path).read_text() if os.path.exists(path) else ""
