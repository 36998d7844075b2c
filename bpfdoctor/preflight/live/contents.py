"""What is in a loaded map: read, and never changed."""

from __future__ import annotations

import ctypes as ct
import errno
import mmap
import os
import re
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from itertools import islice

from bpfdoctor.preflight.live import loaded
from bpfdoctor.preflight.live.loaded import LoadedMap
from bpfdoctor.preflight.system.bpf_call import bpf
from bpfdoctor.preflight.system.in_force import rights_in_force

# enum bpf_map_type: hash, array and their like.
_READABLE = (1, 2, 9, 11, *loaded.PER_CPU)
_MOST_READ = 1 << 14  # entries


def first_value(one: LoadedMap) -> bytes | None:
    """The value of key 0 of an array."""
    with _opened(one) as descriptor, suppress(OSError):
        key, value = ct.create_string_buffer(one.key_size), _room(one)
        _ask(loaded.LOOKUP, descriptor, key, value)
        return value.raw
    return None


def entries(one: LoadedMap, most: int) -> int | None:
    """How many keys a map has, counted up to `most`; None where it has none to count."""
    with _opened(one) as descriptor, suppress(OSError):
        return sum(1 for _ in islice(_keys(one, descriptor), most))
    return None


def contents(one: LoadedMap) -> bytes | None:
    """What tells whether a map has changed; None where that cannot be told."""
    if one.is_ring:
        written = _position(one, mmap.PAGESIZE)
        return None if written is None else written.to_bytes(8, "little")
    if one.type not in _READABLE or one.most > _MOST_READ:
        return None
    with _opened(one) as descriptor, suppress(OSError):
        digest, value = sha256(), _room(one)
        for key in islice(_keys(one, descriptor), 2 * one.most):  # one that changes meanwhile can go on
            with suppress(OSError):  # the key may be gone by now
                _ask(loaded.LOOKUP, descriptor, key, value)
            digest.update(key.raw + value.raw)
        return digest.digest()
    return None


def unread(one: LoadedMap) -> int | None:
    """How many bytes of a ring buffer nobody has read yet."""
    read, written = _position(one, 0), _position(one, mmap.PAGESIZE)
    return None if read is None or written is None else written - read


def _position(one: LoadedMap, page: int) -> int | None:
    """How much was read (the first page of a ring buffer begins with that), or written (the second)."""
    with _opened(one) as descriptor, suppress(OSError, ValueError):
        room = mmap.mmap(descriptor, mmap.PAGESIZE, mmap.MAP_SHARED, mmap.PROT_READ, offset=page)
        with room:
            return int.from_bytes(room[:8], sys.byteorder)
    return None


def _keys(one: LoadedMap, descriptor: int) -> Iterator[ct.Array[ct.c_char]]:
    """Each key, always in the same room. Raises OSError for a map that has none to list."""
    key, following = ct.create_string_buffer(one.key_size), ct.create_string_buffer(one.key_size)
    before: ct.Array[ct.c_char] | None = None
    while True:
        try:
            _ask(loaded.GET_NEXT_KEY, descriptor, before, following)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            return
        ct.memmove(key, following, one.key_size)
        yield key
        before = key


def _ask(command: int, descriptor: int, key: ct.Array[ct.c_char] | None, room: ct.Array[ct.c_char]) -> None:
    """Raises OSError."""
    at = ct.addressof(key) if key is not None else 0
    with rights_in_force():
        bpf(command, struct.pack("=IIQQ", descriptor, 0, at, ct.addressof(room)))


def _room(one: LoadedMap) -> ct.Array[ct.c_char]:
    """For a value; of a map with one for each CPU for all of them."""
    size = (one.value_size + 7 & -8) * _possible_cpus() if one.is_per_cpu else one.value_size
    return ct.create_string_buffer(max(size, 1))


@cache
def _possible_cpus() -> int:
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as file:
        return int(re.split(r"[-,]", file.read().strip())[-1]) + 1


@contextmanager
def _opened(one: LoadedMap) -> Iterator[int]:
    """A descriptor; -1 where the map is gone, or may not be read: every call fails with that."""
    descriptor = loaded.descriptor_of(loaded.MAP_FD, one.id)
    try:
        yield -1 if descriptor is None else descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)
