"""Writes the guest's file system: a cpio archive with our init, a console, and the kernel's configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_FILE = 0o100000
_FOLDER = 0o040000
_DEVICE = 0o020000


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One name in the archive. `device` is (major, minor) of a character device."""

    name: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


def guest_files(init: bytes, release: str, config: bytes | None) -> bytes:
    """The archive for one kernel. libbpf reads /boot/config-RELEASE for a program's `extern … CONFIG_…`."""
    entries = [
        ArchiveEntry("init", _FILE | 0o755, init),
        ArchiveEntry("dev", _FOLDER | 0o755),
        ArchiveEntry("dev/console", _DEVICE | 0o600, device=(5, 1)),
    ]
    if config:
        entries += [
            ArchiveEntry("boot", _FOLDER | 0o755),
            ArchiveEntry(f"boot/config-{release}", _FILE | 0o644, config),
        ]
    return cpio(entries)


def cpio(entries: Iterable[ArchiveEntry]) -> bytes:
    """An archive in cpio's "newc" form (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    parts = [_member(number, entry) for number, entry in enumerate(entries, 1)]
    parts.append(_member(0, ArchiveEntry("TRAILER!!!", 0)))
    return b"".join(parts)


def _member(number: int, entry: ArchiveEntry) -> bytes:
    name = entry.name.encode() + b"\0"
    # inode, mode, uid, gid, links, mtime, size, device major/minor, rdev major/minor, name size, checksum
    numbers = (number, entry.mode, 0, 0, 1, 0, len(entry.data), 0, 0, *entry.device, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % value for value in numbers)
    return _pad(head + name) + _pad(entry.data)


def _pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
