"""What libbpf would ask the kernel for a program: its maps and its code, relocated, without asking."""

from __future__ import annotations

import os

from bpfdoctor.capture.child import NONSENSE, Child, Stopped, environment
from bpfdoctor.model.report import CaptureOptions

_SECONDS = 30


def calls_of(elf: bytes, options: CaptureOptions, object_name: str = "object") -> dict[str, bytes]:
    """bpf(2) calls (bpf_calls.py) by program; without those that libbpf can't prepare on this machine."""
    request = {
        "object_name": os.path.basename(object_name).split(".")[0] or "object",
        "prog_type": options.prog_type,
        "names": list(options.programs),
        "memory_mib": options.memory_mib,
    }
    found: dict[str, bytes] = {}
    with Child(
        "_record_child", request, elf, environment(options), options.memory_mib, with_rights=False
    ) as child:
        try:
            while message := child.message(_SECONDS):
                if message["event"] == "recorded" and message["ok"]:
                    found[str(message["name"])] = bytes(child.text(message["where"]))
        except (Stopped, *NONSENSE):
            return found
    return found
