"""Reads /etc/ld.so.cache: which file the dynamic linker takes for a library's name."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAGIC = b"glibc-ld.so.cache1.1"  # sysdeps/generic/dl-cache.h of glibc
_HEADER, _ENTRY = 48, struct.Struct("<iIIIQ")
_MOST = 100_000


def entries(data: bytes) -> Iterator[tuple[str, str]]:
    """(name, path) in the cache's order: `libc.so.6`, `/lib/x86_64-linux-gnu/libc.so.6`."""
    start = data.find(_MAGIC)  # a cache of the older form may come before it
    if start < 0 or start + _HEADER > len(data):
        return
    (count,) = struct.unpack_from("<I", data, start + len(_MAGIC))
    for number in range(min(count, _MOST)):
        at = start + _HEADER + number * _ENTRY.size
        if at + _ENTRY.size > len(data):
            return
        _, name, path, _, _ = _ENTRY.unpack_from(data, at)
        yield _text(data, start + name), _text(data, start + path)


def _text(data: bytes, at: int) -> str:
    end = data.find(b"\0", at)
    return data[at : end if end >= 0 else None].decode("utf-8", "surrogateescape")
