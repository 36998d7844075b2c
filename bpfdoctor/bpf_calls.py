"""bpf(2) calls written down: what one process would have asked of a kernel, for another one to ask.

A call: u32 command, u32 descriptor that it was answered with, u32 bytes of attributes, u32 number of blobs;
then the attributes (union bpf_attr of linux/bpf.h), and each blob: u32 offset in the attributes of the
pointer to it, u32 length, its bytes. lab/guest/replay.c reads the same.
"""

from __future__ import annotations

import struct
import sys

TYPE_CHECKING = False  # children import this in a bare interpreter
if TYPE_CHECKING:
    import ctypes as ct
    from collections.abc import Callable, Iterator

    #: (offset of the pointer in the attributes, what it points to)
    Blob = tuple[int, bytes]

# enum bpf_cmd
MAP_CREATE, MAP_UPDATE, PROG_LOAD, OBJ_PIN, OBJ_GET, BTF_LOAD, MAP_FREEZE = 0, 2, 5, 6, 7, 18, 22
OBJ_GET_INFO_BY_FD, BTF_GET_FD_BY_ID, BTF_GET_NEXT_ID = 15, 19, 23

_HEAD = struct.Struct("<4I")
_BLOB = struct.Struct("<2I")


def packed(command: int, descriptor: int, attributes: bytes, blobs: tuple[Blob, ...]) -> bytes:
    """One call as bytes."""
    parts = [_HEAD.pack(command, descriptor, len(attributes), len(blobs)), attributes]
    for offset, data in blobs:
        parts += [_BLOB.pack(offset, len(data)), data]
    return b"".join(parts)


def unpacked(data: bytes) -> Iterator[tuple[int, int, bytes, tuple[Blob, ...]]]:
    """The calls in `data`: command, descriptor, attributes, blobs. Raises ValueError when it is cut short."""
    at = 0

    def take(length: int) -> bytes:
        nonlocal at
        piece = data[at : at + length]
        at += length
        if len(piece) < length:
            raise ValueError("cut short")
        return piece

    while at < len(data):
        command, descriptor, size, count = _HEAD.unpack(take(_HEAD.size))
        attributes = take(size)
        blobs = []
        for _ in range(count):
            offset, length = _BLOB.unpack(take(_BLOB.size))
            blobs.append((offset, take(length)))
        yield command, descriptor, attributes, tuple(blobs)


_LD_IMM64, _MAP_FD, _MAP_VALUE = 0x18, 1, 2


def renumber_maps(code: bytearray | ct.Array[ct.c_char], number: Callable[[int], int]) -> None:
    """Give the maps in instructions other descriptors, in place; `number` tells of each which."""
    at = 0
    while at + 8 <= len(code):
        opcode, registers, _, value = struct.unpack_from("=BBhi", code, at)
        if opcode == _LD_IMM64:
            source = registers >> 4 if sys.byteorder == "little" else registers & 0xF
            if source in (_MAP_FD, _MAP_VALUE):
                struct.pack_into("=i", code, at + 4, number(value))
            at += 8
        at += 8
