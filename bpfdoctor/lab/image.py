"""Reads what a kernel image says of itself: its release, its architecture, whether it is whole."""

from __future__ import annotations

import re
import shlex
import struct
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.formats import elf
from bpfdoctor.model.problem import Problem

_MOST = 1 << 30  # bytes of an image
_FETCH = "Or let bpfdoctor fetch one: bpfdoctor kernels get 6.12"


@dataclass(frozen=True, slots=True)
class Image:
    """A bootable x86-64 kernel."""

    release: str  # as in `uname -r`
    version: str  # the kernel's own: Debian calls 5.10.218 "5.10.0-30-cloud-amd64"


def read(path: Path) -> tuple[bytes, Image]:
    """The image at `path`, and what it says of itself; a Problem when it is none that the lab can boot."""
    try:
        data = regular_file.read(path, _MOST)
    except OSError as error:
        name = shlex.quote(str(path))
        ways = (f"Make it readable: sudo chmod +r {name}",) if isinstance(error, PermissionError) else ()
        raise Problem(f"{path} cannot be read ({error.strerror}).", *ways, _FETCH) from error
    return data, _described(data, path)


def _described(data: bytes, path: Path) -> Image:
    head, size = data[:0x10000].ljust(0x10000, b"\0") if data else b"", len(data)
    if head[0x202:0x206] != b"HdrS":
        raise Problem(f"{path} {_what_else(head)}.", "Name a bzImage or a vmlinuz for x86-64.", _FETCH)
    # Documentation/arch/x86/boot.rst
    setup_sectors = head[0x1F1] or 4
    (paragraphs,) = struct.unpack_from("<I", head, 0x1F4)
    (version_at,) = struct.unpack_from("<H", head, 0x20E)
    whole = (setup_sectors + 1) * 512 + paragraphs * 16
    if size < whole:
        raise Problem(
            f"{path} is cut short: it has {size} bytes and should have {whole}", "Copy it again.", _FETCH
        )
    (load_flags,) = struct.unpack_from("<H", head, 0x236)
    if not load_flags & 1:
        raise Problem(f"{path} is a kernel for 32-bit x86; the lab boots x86-64.", _FETCH)
    text = head[version_at + 0x200 :].split(b"\0", 1)[0].decode("ascii", "replace")
    release = text.split(" ", 1)[0]
    # 5.10.0-30-cloud-amd64 (debian-kernel@lists.debian.org) #1 SMP Debian 5.10.218-1 (2024-06-01)
    found = re.search(r" Debian (\d[\d.]*\d)-", text) or re.match(r"(\d[\d.]*\d)", release)
    return Image(release, found[1] if found else release)


def _what_else(head: bytes) -> str:
    if not head:
        return "is empty"
    if head[0x38:0x3C] == b"ARM\x64":
        return "is a kernel for arm64; the lab boots x86-64"
    if head[0x30:0x34] in (b"RISC", b"RSC\x05"):
        return "is a kernel for riscv64; the lab boots x86-64"
    if (found := elf.kind(head)) is not None:
        if found.machine == elf.X86_64:
            return "is an uncompressed vmlinux; the lab boots the compressed image (bzImage, vmlinuz)"
        machine = elf.MACHINES.get(found.machine, f"machine {found.machine}")
        return f"is an ELF file for {machine}; the lab boots x86-64"
    if head[:2] == b"\x1f\x8b":
        return "is a gzip file (a kernel for arm64 often is); the lab boots x86-64 images as they are"
    if head[4:8] == b"zimg":
        return "is a compressed EFI kernel (arm64, riscv64 or loongarch64); the lab boots x86-64"
    return "is not a Linux kernel image"
