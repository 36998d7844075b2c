"""The BTF of a lab kernel, read out of its image without booting it."""

from __future__ import annotations

import ctypes as ct
import lzma
import struct
import zlib

from bpfdoctor.formats.elf import Elf
from bpfdoctor.lab import paths
from bpfdoctor.lab.kernels import LabKernel

_MOST = 256 << 20  # bytes of an unpacked kernel
_CHUNK = 8 << 20  # bytes of an unpacked block of lz4: LEGACY_BLOCKSIZE, lib/decompress_unlz4.c


def read(kernel: LabKernel) -> bytes | None:
    """None for a kernel that was built without, or that this machine cannot unpack."""
    kept = kernel.folder / "btf"
    if kept.exists():
        return kept.read_bytes() or None
    try:
        found = _of_image(kernel.image.read_bytes())
    except (OSError, ValueError, struct.error, lzma.LZMAError, zlib.error):
        return None  # no library here unpacks it, or it is damaged
    paths.write_whole(kept, found)
    return found or None


def _of_image(data: bytes) -> bytes:
    """The .BTF section of the kernel in a bzImage; b"" without one. Documentation/arch/x86/boot.rst"""
    sectors = data[0x1F1] or 4
    start, length = struct.unpack_from("<II", data, 0x248)
    start += (sectors + 1) * 512
    return Elf(_unpacked(data[start : start + length])).data(".BTF")


def _unpacked(data: bytes) -> bytes:
    """What CONFIG_KERNEL_GZIP, _XZ, _LZ4 and _ZSTD made; the last two by the libraries that apt has, too."""
    if data[:2] == b"\x1f\x8b":
        return zlib.decompressobj(31).decompress(data, _MOST)
    if data[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor().decompress(data, _MOST)
    if data[:4] == b"\x02\x21\x4c\x18":
        return _lz4(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return _zstd(data)
    raise ValueError("packed in another way")


def _lz4(data: bytes) -> bytes:
    unpack = ct.CDLL("liblz4.so.1").LZ4_decompress_safe
    unpack.argtypes, unpack.restype = [ct.c_char_p, ct.c_char_p, ct.c_int, ct.c_int], ct.c_int
    room = ct.create_string_buffer(_CHUNK)
    parts: list[bytes] = []
    at = 4
    while at + 4 < len(data):  # the last four bytes are the size of it all
        (length,) = struct.unpack_from("<I", data, at)
        got = unpack(data[at + 4 : at + 4 + length], room, length, _CHUNK)
        if got < 0 or len(parts) * _CHUNK > _MOST:
            raise ValueError("damaged")
        parts.append(room.raw[:got])
        at += 4 + length
    return b"".join(parts)


def _zstd(data: bytes) -> bytes:
    unpack = ct.CDLL("libzstd.so.1").ZSTD_decompress
    unpack.argtypes, unpack.restype = [ct.c_char_p, ct.c_size_t, ct.c_char_p, ct.c_size_t], ct.c_size_t
    (size,) = struct.unpack_from("<I", data, len(data) - 4)
    if size > _MOST:
        raise ValueError("too large")
    room = ct.create_string_buffer(size)
    if unpack(room, size, data[:-4], len(data) - 4) != size:
        raise ValueError("damaged")
    return room.raw
