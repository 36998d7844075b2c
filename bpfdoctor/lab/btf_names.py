"""Finds the name behind an id in the running kernel's BTF, for recordings of tracing programs."""

from __future__ import annotations

import struct
from pathlib import Path

# Documentation/bpf/btf.rst: bytes behind the 12 of every type, as (fixed, per member), by kind
_EXTRA = {
    1: (4, 0),  # int
    3: (12, 0),  # array
    4: (0, 12),  # struct
    5: (0, 12),  # union
    6: (0, 8),  # enum
    13: (0, 8),  # function prototype
    14: (4, 0),  # variable
    15: (0, 12),  # data section
    17: (4, 0),  # declaration tag
    19: (0, 12),  # enum64
}


def name_of(wanted: int, path: Path = Path("/sys/kernel/btf/vmlinux")) -> tuple[int, str] | None:
    """(kind, name) of the type with this id; None when the kernel has no BTF, or no such type."""
    try:
        data = path.read_bytes()
        magic, _, _, header, type_at, type_length, text_at, text_length = struct.unpack_from(
            "<HBBIIIII", data
        )
    except (OSError, struct.error):
        return None
    if magic != 0xEB9F:
        return None
    at = header + type_at
    end = at + type_length
    number = 1
    while at + 12 <= end:
        name_at, info = struct.unpack_from("<II", data, at)
        kind, members = info >> 24 & 0x1F, info & 0xFFFF
        if number == wanted:
            start = header + text_at + name_at
            stop = data.find(b"\0", start, header + text_at + text_length)
            return kind, data[start:stop].decode("ascii", "replace")
        fixed, each = _EXTRA.get(kind, (0, 0))
        at += 12 + fixed + each * members
        number += 1
    return None
