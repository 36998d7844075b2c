"""What has to be in its place: the BPF file system for pins, the kernel's headers for BCC."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, Wants
from bpfdoctor.preflight.system import System


def look(hook: Hook, wants: Wants, system: System) -> Iterator[Cause]:
    if wants.pinned and system.shows_bpffs is False:
        yield Cause("bpffs-not-mounted", {"map": ", ".join(wants.pinned)}, of_machine=True)
    if wants.compiled_here and (lacking := system.without_headers) is not None:
        values = {
            "found": lacking.found,
            "package": lacking.package or "the package of headers of this kernel",
        }
        yield Cause("headers-not-installed", values, of_machine=True)
