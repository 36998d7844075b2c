"""Answers a library's bpf(2) calls as a kernel would that accepts everything, and writes down the loads."""

from __future__ import annotations

import ctypes as ct
import os
import sys

from bpfdoctor import bpf_calls

_RINGBUF = 27  # enum bpf_map_type
_ENOENT, _ENOMEM, _EINVAL = 2, 12, 22

# Where union bpf_attr has them (linux/bpf.h).
_MAP = {"type": 0, "key_size": 4, "value_size": 8, "max_entries": 12}
_PROGRAM = {
    "insn_cnt": 4, "insns": 8, "license": 16, "func_info_rec_size": 76, "func_info": 80, "func_info_cnt": 88,
    "line_info_rec_size": 92, "line_info": 96, "line_info_cnt": 104,
}  # fmt: skip
_NAME = slice(48, 64)
_BTF = {"btf": 0, "btf_size": 16}
_MAP_FD, _KEY, _VALUE = 0, 8, 16  # of BPF_MAP_UPDATE_ELEM
_INNER_FD = 20  # of BPF_MAP_CREATE
_PROBES = (b"", b"libbpf_nametest")  # programs by which libbpf finds out what the kernel can do


class Recorder:
    """What was asked for so far. `programs`: how many loads are written down."""

    def __init__(self, memory_mib: int) -> None:
        self.calls: list[bytes] = []
        self.programs = 0
        self._maps_left = memory_mib << 20
        self._sizes: dict[int, tuple[int, int]] = {}  # of a key and a value, by the map's descriptor

    def answer(self, command: int, address: int, size: int) -> int | None:
        """What bpf(command, …) gives: the hook asks."""
        attributes = ct.string_at(address, size)
        if command == bpf_calls.MAP_CREATE:
            return self._map_create(attributes)
        if command == bpf_calls.BTF_LOAD:
            blobs = _pointed_to(attributes, (_BTF["btf"], _u32(attributes, _BTF["btf_size"])))
            return self._record(command, attributes, blobs)
        if command == bpf_calls.PROG_LOAD:
            return self._prog_load(attributes)
        if command == bpf_calls.MAP_UPDATE:
            return self._map_update(attributes)
        if command == bpf_calls.MAP_FREEZE:
            self.calls.append(bpf_calls.packed(command, 0, self._numbered(attributes, _MAP_FD), ()))
            return 0
        if command == bpf_calls.OBJ_PIN:
            return 0
        return _fail(_ENOENT if command in (bpf_calls.OBJ_GET, bpf_calls.BTF_GET_NEXT_ID) else _EINVAL)

    def is_wanted(self, name: bytes, insns: bytes) -> bool:
        """Whether a load is one of the user's, and no question of the library's about the kernel."""
        return name not in _PROBES

    def new_map(self, size: int) -> int:
        """A descriptor that stands for a map whose values take `size` bytes."""
        return _descriptor()

    def number(self, descriptor: int) -> int:
        """What the map of a descriptor is written down as."""
        return descriptor

    def _numbered(self, attributes: bytes, at: int) -> bytes:
        """The attributes with the number of the map whose descriptor is at `at`."""
        known = _u32(attributes, at)
        number = self.number(known) if known else 0
        return attributes[:at] + number.to_bytes(4, sys.byteorder) + attributes[at + 4 :]

    def _map_create(self, attributes: bytes) -> int:
        """Refuse maps that together take more memory than we may use."""
        kind, *sizes, entries = (_u32(attributes, at) for at in _MAP.values())
        self._maps_left -= (1 if kind == _RINGBUF else sum(sizes)) * entries
        if self._maps_left < 0:
            return _fail(_ENOMEM)
        descriptor = self.new_map(sizes[1] * entries)
        number = self.number(descriptor)
        attributes = self._numbered(attributes, _INNER_FD)
        self.calls.append(bpf_calls.packed(bpf_calls.MAP_CREATE, number, attributes, ()))
        self._sizes[number] = (sizes[0], sizes[1])
        return descriptor

    def _map_update(self, attributes: bytes) -> int:
        """What a loader puts into a map: the values of global variables."""
        attributes = self._numbered(attributes, _MAP_FD)
        key, value = self._sizes.get(_u32(attributes, _MAP_FD), (0, 0))
        self.calls.append(
            bpf_calls.packed(
                bpf_calls.MAP_UPDATE, 0, attributes, _pointed_to(attributes, (_KEY, key), (_VALUE, value))
            )
        )
        return 0

    def _prog_load(self, attributes: bytes) -> int:
        at = {name: _u32(attributes, offset) for name, offset in _PROGRAM.items()}
        insns = _pointed_to(attributes, (_PROGRAM["insns"], 8 * at["insn_cnt"]))
        if not insns or not self.is_wanted(attributes[_NAME].rstrip(b"\0"), insns[0][1]):
            return _descriptor()
        code = bytearray(insns[0][1])
        bpf_calls.renumber_maps(code, self.number)
        license_ = int.from_bytes(attributes[16:24], "little")
        blobs = _pointed_to(
            attributes,
            (_PROGRAM["license"], len(ct.string_at(license_)) + 1 if license_ else 0),
            (_PROGRAM["func_info"], at["func_info_rec_size"] * at["func_info_cnt"]),
            (_PROGRAM["line_info"], at["line_info_rec_size"] * at["line_info_cnt"]),
        )
        self.programs += 1
        return self._record(bpf_calls.PROG_LOAD, attributes, ((insns[0][0], bytes(code)), *blobs))

    def _record(self, command: int, attributes: bytes, blobs: tuple[bpf_calls.Blob, ...]) -> int:
        descriptor = _descriptor()
        self.calls.append(bpf_calls.packed(command, descriptor, attributes, blobs))
        return descriptor


def _u32(attributes: bytes, at: int) -> int:
    """A number; 0 for what this libbpf does not know yet."""
    return int.from_bytes(attributes[at : at + 4], sys.byteorder)


def _pointed_to(attributes: bytes, *pieces: tuple[int, int]) -> tuple[bpf_calls.Blob, ...]:
    """What pointers in the attributes point to; `pieces` are (offset of the pointer, length)."""
    found = []
    for at, length in pieces:
        pointer = int.from_bytes(attributes[at : at + 8], sys.byteorder)
        if pointer and length:
            found.append((at, ct.string_at(pointer, length)))
    return tuple(found)


def _descriptor() -> int:
    """A descriptor that stands for something in the kernel."""
    return os.open("/dev/null", os.O_RDONLY)


def _fail(error: int) -> int:
    """A system call's way of failing."""
    ct.set_errno(error)
    return -1
