"""Records what libbcc would create and load, on the host and without privilege, for replay in a guest.

A small library of ours is preloaded into the process that compiles: it answers libbcc's bpf(2) calls with
fake descriptors and writes them down (record/record.c). The guest repeats them (guest/replay.c).
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bpfdoctor.formats import btf
from bpfdoctor.lab import guest_build
from bpfdoctor.model.problem import Problem

_HEAD = struct.Struct("<4I")  # command, descriptor, bytes of attributes, blobs
_BLOB = struct.Struct("<2I")  # offset of the pointer in the attributes, length
_TARGET = 0xFFFFFFFF  # a blob of ours: kind and name of what a tracing program attaches to

# linux/bpf.h
_PROG_LOAD = 5
_NAME = slice(48, 64)
_KERN_VERSION = 40
_ATTACH_BTF_ID = 108
_PROBES = (b"", b"libbpf_nametest")  # programs that libbpf loads to learn what the kernel can do


@dataclass(frozen=True, slots=True)
class Recording:
    """What one process asked of bpf(2). `programs`: the names libbcc gave them, in the order of loading."""

    data: bytes = field(repr=False)
    programs: tuple[str, ...]
    headers: tuple[int, int] | None = None  # version of the kernel headers it was compiled with


class Recorder:
    """Lends a child process an environment in which its BPF loads are recorded. Use `with`."""

    def __init__(self) -> None:
        self._library = guest_build.recorder_library()
        self._folder = tempfile.TemporaryDirectory(prefix="bpfdoctor-")
        self._path = Path(self._folder.name) / "recording"

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` with what makes a child's loads recorded."""
        before = base.get("LD_PRELOAD")
        preload = f"{self._library} {before}" if before else str(self._library)
        return {**base, "LD_PRELOAD": preload, "BPFDOCTOR_RECORD": str(self._path)}

    def recording(self) -> Recording:
        """What was recorded so far."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            data = b""
        return cleaned(data)


@dataclass(frozen=True, slots=True)
class _Record:
    command: int
    descriptor: int
    attributes: bytes
    blobs: tuple[tuple[int, bytes], ...]

    def pack(self) -> bytes:
        parts = [
            _HEAD.pack(self.command, self.descriptor, len(self.attributes), len(self.blobs)),
            self.attributes,
        ]
        for offset, data in self.blobs:
            parts += [_BLOB.pack(offset, len(data)), data]
        return b"".join(parts)


def cleaned(data: bytes) -> Recording:
    """A recording without libbpf's probes, and with names for what the host's BTF gives as numbers.

    Raises Problem for a recording that is cut short.
    """
    kept: list[bytes] = []
    programs: list[str] = []
    headers = 0
    for record in _records(data):
        if record.command == _PROG_LOAD:
            name = record.attributes[_NAME].split(b"\0", 1)[0]
            if name in _PROBES:
                continue
            programs.append(name.decode("ascii", "replace"))
            headers = headers or int.from_bytes(
                record.attributes[_KERN_VERSION : _KERN_VERSION + 4], "little"
            )
            record = _with_target(record)  # noqa: PLW2901 - the same record, completed
        kept.append(record.pack())
    return Recording(
        b"".join(kept), tuple(programs), (headers >> 16, headers >> 8 & 0xFF) if headers else None
    )


def _with_target(record: _Record) -> _Record:
    if len(record.attributes) < _ATTACH_BTF_ID + 4:
        return record
    (number,) = struct.unpack_from("<I", record.attributes, _ATTACH_BTF_ID)
    found = btf.name_of(_kernel_btf(), number) if number else None
    if found is None:
        return record
    blob = struct.pack("<I", found[0]) + found[1].encode()
    return _Record(record.command, record.descriptor, record.attributes, (*record.blobs, (_TARGET, blob)))


def _kernel_btf() -> bytes:
    """The running kernel's types; b"" where it shows none."""
    try:
        return Path("/sys/kernel/btf/vmlinux").read_bytes()
    except OSError:
        return b""


def _records(data: bytes) -> Iterator[_Record]:
    at = 0
    while at < len(data):
        try:
            command, descriptor, size, count = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            attributes = _piece(data, at, size)
            at += size
            blobs = []
            for _ in range(count):
                offset, length = _BLOB.unpack_from(data, at)
                at += _BLOB.size
                blobs.append((offset, _piece(data, at, length)))
                at += length
        except (struct.error, ValueError) as error:
            raise Problem("What BCC would load could not be recorded whole.", "Is the disk full?") from error
        yield _Record(command, descriptor, attributes, tuple(blobs))


def _piece(data: bytes, at: int, length: int) -> bytes:
    piece = data[at : at + length]
    if len(piece) < length:
        raise ValueError("cut short")
    return piece
