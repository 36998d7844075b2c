"""Programs of perf events: an event that their loader opens."""

from __future__ import annotations

import os
from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.system import System

_SOURCES = "/sys/bus/event_source/devices"


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    for option in ("PERF_EVENTS", "BPF_EVENTS"):
        if system.config(option) == "n":
            yield Cause("hook-not-configured", {"option": f"CONFIG_{option}"})
            return
    if system.is_here:
        try:
            sources = os.listdir(_SOURCES)
        except OSError:
            yield NotKnown(f"{_SOURCES} cannot be read")
            return
        # cpu, or for each kind of core cpu_core, cpu_atom; armv8_pmuv3_0 …
        if not any(each.startswith(("cpu", "armv", "riscv", "power")) for each in sources):
            yield Cause("no-hardware-events", {})
    yield NotKnown("its loader chooses the event")
