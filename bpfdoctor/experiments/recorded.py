"""From recorded bpf(2) calls to programs that the concrete machine runs."""

from __future__ import annotations

import struct
from dataclasses import replace

from bpfdoctor import bpf_calls
from bpfdoctor.formats import btf
from bpfdoctor.kernel.instructions import CALL, PSEUDO_KFUNC
from bpfdoctor.machine.concrete.program import MapSpec, Runnable

_LINE = struct.Struct("<IIII")
# Where union bpf_attr has them (linux/bpf.h).
_NAME = slice(48, 64)
_ATTACH = 68
_MAP_NAME = slice(28, 44)
_KEY, _VALUE, _INSNS = 8, 16, 8
_BTF, _PROG_BTF, _LINES, _LINE_SIZE = 0, 72, 96, 92


def programs(calls: bytes, kernel_btf: bytes) -> list[Runnable]:
    """In the order in which they would be loaded. Raises ValueError for calls that are cut short."""
    maps: dict[int, MapSpec] = {}
    types: dict[int, bytes] = {}
    found = []
    for command, descriptor, attributes, recorded in bpf_calls.unpacked(calls):
        blobs = dict(recorded)
        if command == bpf_calls.MAP_CREATE:
            maps[descriptor] = _map(attributes, maps)
        elif command == bpf_calls.MAP_UPDATE and (fd := _u32(attributes, 0)) in maps:
            initial = {**maps[fd].initial, blobs.get(_KEY, b""): blobs.get(_VALUE, b"")}
            maps[fd] = replace(maps[fd], initial=initial)
        elif command == bpf_calls.MAP_FREEZE and (fd := _u32(attributes, 0)) in maps:
            maps[fd] = replace(maps[fd], is_frozen=True)
        elif command == bpf_calls.BTF_LOAD:
            types[descriptor] = blobs.get(_BTF, b"")
        elif command == bpf_calls.PROG_LOAD:
            code = blobs.get(_INSNS, b"")
            name = attributes[_NAME].split(b"\0", 1)[0].decode("ascii", "replace")
            kfuncs = _kfuncs(code, kernel_btf)
            kind, attach = _u32(attributes, 0), _u32(attributes, _ATTACH)
            its_types = types.get(_u32(attributes, _PROG_BTF), b"")
            lines = _lines(blobs.get(_LINES, b""), _u32(attributes, _LINE_SIZE), its_types)
            found.append(Runnable(name, kind, code, dict(maps), attach, kfuncs, lines))
    return found


def _lines(records: bytes, size: int, types: bytes) -> dict[int, tuple[str, int]]:
    """struct bpf_line_info, `size` bytes each: slot, offsets of the file's name and of the text, place."""
    if size < _LINE.size:
        return {}
    found = [_LINE.unpack_from(records, at) for at in range(0, len(records) - size + 1, size)]
    names = btf.strings_of(types, {file for _, file, _, _ in found})
    return {slot: (names.get(file, "").rpartition("/")[2], place >> 10) for slot, file, _, place in found}


def _map(attributes: bytes, maps: dict[int, MapSpec]) -> MapSpec:
    kind, key, value, entries, flags, inner = (_u32(attributes, at) for at in range(0, 24, 4))
    name = attributes[_MAP_NAME].split(b"\0", 1)[0].decode("ascii", "replace")
    return MapSpec(name, kind, key, value, entries, flags, maps.get(inner))


def _kfuncs(code: bytes, kernel_btf: bytes) -> dict[tuple[int, int], str]:
    found = {}
    for opcode, registers, off, imm in struct.iter_unpack("<BBhi", code):
        if opcode == CALL and registers >> 4 == PSEUDO_KFUNC and (known := btf.name_of(kernel_btf, imm)):
            found[imm, off] = known[1]
    return found


def _u32(data: bytes, at: int) -> int:
    """A number; 0 for what this library does not know yet."""
    return int.from_bytes(data[at : at + 4], "little")
