"""What has to be in its place: the BPF file system for pins, headers for BCC, tracefs for printed lines."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, Remark, Wants
from bpfdoctor.preflight.system import System

_PRINTS = frozenset({"bpf_trace_printk", "bpf_trace_vprintk"})
_LINES = "The lines of its bpf_printk() come out of trace_pipe in tracefs"


def look(hook: Hook, wants: Wants, system: System) -> Iterator[Cause | Remark]:
    if wants.pinned and system.shows_bpffs is False:
        yield Cause("bpffs-not-mounted", {"map": ", ".join(wants.pinned)}, of_machine=True)
    if wants.compiled_here and (lacking := system.without_headers) is not None:
        values = {
            "found": lacking.found,
            "package": lacking.package or "the package of headers of this kernel",
        }
        yield Cause("headers-not-installed", values, of_machine=True)
    if wants.helpers & _PRINTS and not system.shows_tracefs:
        yield Remark(f"{_LINES}, which is not mounted here: mount -t tracefs nodev /sys/kernel/tracing")
    elif wants.helpers & _PRINTS and system.records is False:
        yield Remark(f"{_LINES}, and none comes while tracing_on in it is 0, as it is here.")
