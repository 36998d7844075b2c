"""What libbcc would create and load, recorded when it compiled, made ready for a guest (guest/replay.c)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

from bpfdoctor import bpf_calls
from bpfdoctor.formats import btf

_TARGET = 0xFFFFFFFF  # a blob of ours: kind and name of what a tracing program attaches to

# Where union bpf_attr has them (linux/bpf.h).
_NAME = slice(48, 64)
_KERN_VERSION = slice(40, 44)
_ATTACH_BTF_ID = slice(108, 112)


@dataclass(frozen=True, slots=True)
class Recording:
    """What one process asked of bpf(2). `programs`: the names libbcc gave them, in the order of loading."""

    data: bytes = field(repr=False)
    programs: tuple[str, ...]
    headers: tuple[int, int] | None = None  # version of the kernel headers it was compiled with


def for_guests(calls: bytes) -> Recording:
    """Recorded calls, with names for what the host's BTF gives as numbers."""
    kept: list[bytes] = []
    programs: list[str] = []
    headers = 0
    for command, descriptor, attributes, recorded in bpf_calls.unpacked(calls):
        blobs = recorded
        if command == bpf_calls.PROG_LOAD:
            programs.append(attributes[_NAME].split(b"\0", 1)[0].decode("ascii", "replace"))
            headers = headers or int.from_bytes(attributes[_KERN_VERSION], "little")
            blobs += _target(int.from_bytes(attributes[_ATTACH_BTF_ID], "little"))
        kept.append(bpf_calls.packed(command, descriptor, attributes, blobs))
    return Recording(
        b"".join(kept), tuple(programs), (headers >> 16, headers >> 8 & 0xFF) if headers else None
    )


def _target(number: int) -> tuple[bpf_calls.Blob, ...]:
    found = btf.name_of(_kernel_btf(), number) if number else None
    return ((_TARGET, struct.pack("<I", found[0]) + found[1].encode()),) if found else ()


def _kernel_btf() -> bytes:
    """The running kernel's types; b"" where it shows none."""
    try:
        return Path("/sys/kernel/btf/vmlinux").read_bytes()
    except OSError:
        return b""
