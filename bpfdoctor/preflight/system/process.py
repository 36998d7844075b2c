"""One process that runs here, as /proc shows it: which files it runs, and from which root."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import cached_property

from bpfdoctor import rights
from bpfdoctor.model.record import dataclass
from bpfdoctor.preflight.system.in_force import rights_in_force

_MOST = 32 << 20  # bytes of maps; 65,530 mappings have at most 20 MiB
_LINE = re.compile(
    rb"([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+)(?: +([^\n]*))?"
)
_DELETED = " (deleted)"

Identity = tuple[int, int]  # device and inode, as stat gives them


@dataclass(frozen=True, slots=True)
class Mapping:
    """Some pages of a file, or of none, in a process's memory."""

    start: int
    end: int
    executable: bool
    offset: int  # in the file
    identity: Identity  # as /proc/PID/maps gives it
    path: str  # as the process sees it; "" where there is no file
    deleted: bool  # the file has no name any more, or another file has it now


def hidden(what: str) -> str:
    """A sentence about what of a process may not be looked at; under sudo with the way to it."""
    if not rights.as_whom():
        return f"{what} may not be looked at"
    return (
        f"{what} may not be looked at under sudo, where bpfdoctor keeps no right to look into processes of "
        "others: ask as the process's own user, or as root without sudo (su -c)"
    )


class Process:
    """A process, by its number here. It may end at any time: what can't be read is None, or empty."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def file(self, name: str) -> str:
        return f"/proc/{self.pid}/{name}"

    @property
    def exists(self) -> bool:
        return os.path.isdir(self.file(""))

    @cached_property
    def mappings(self) -> tuple[Mapping, ...] | None:
        """None where they may not be read."""
        text = self._read("maps")
        if text is None:
            return None
        return tuple(_mapping(*found) for found in _LINE.findall(text))

    @cached_property
    def program(self) -> str | None:
        """The path of what it runs, as it sees it; None for a kernel thread, or without permission."""
        with suppress(OSError), rights_in_force():
            return os.readlink(self.file("exe")).removesuffix(_DELETED)
        return None

    @cached_property
    def program_identity(self) -> Identity | None:
        return self._identity("exe")

    def identity(self, mapping: Mapping) -> Identity | None:
        """The mapped file's own: on overlayfs and btrfs maps gives another device than stat does."""
        return self._identity(f"map_files/{mapping.start:x}-{mapping.end:x}")

    def _identity(self, name: str) -> Identity | None:
        with suppress(OSError), rights_in_force():
            about = os.stat(self.file(name))
            return about.st_dev, about.st_ino
        return None

    @cached_property
    def has_our_root(self) -> bool:
        """Whether a path is the same file for it as for us."""
        ours, its = os.stat("/"), self._identity("root")
        return its == (ours.st_dev, ours.st_ino) and self._namespace("mnt") == _own_namespace("mnt")

    def path_here(self, path: str) -> str:
        """By which path we get at what the process calls `path`."""
        return path if self.has_our_root else self.file(f"root{path}")

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Its number in each of its pid namespaces, from ours inwards."""
        found = re.search(rb"^NSpid:([\t \d]+)$", self._read("status") or b"", re.MULTILINE)
        return tuple(int(number) for number in found[1].split()) if found else ()

    @cached_property
    def group(self) -> int | None:
        """The process that a thread belongs to; its own number for a process."""
        found = re.search(rb"^Tgid:\s*(\d+)$", self._read("status") or b"", re.MULTILINE)
        return int(found[1]) if found else None

    def read_memory(self, address: int, size: int) -> bytes | None:
        """Some bytes of its memory; None where they are not mapped, or may not be read."""
        with suppress(OSError, OverflowError), rights_in_force():
            memory = os.open(self.file("mem"), os.O_RDONLY | os.O_CLOEXEC)
            try:
                return os.pread(memory, size, address)
            finally:
                os.close(memory)
        return None

    def _namespace(self, kind: str) -> str | None:
        with suppress(OSError), rights_in_force():
            return os.readlink(self.file(f"ns/{kind}"))
        return None

    def _read(self, name: str) -> bytes | None:
        with suppress(OSError), rights_in_force(), open(self.file(name), "rb") as file:
            return file.read(_MOST)
        return None


def _own_namespace(kind: str) -> str | None:
    with suppress(OSError):
        return os.readlink(f"/proc/self/ns/{kind}")
    return None


def _mapping(
    start: bytes,
    end: bytes,
    flags: bytes,
    offset: bytes,
    major: bytes,
    minor: bytes,
    inode: bytes,
    path: bytes,
) -> Mapping:
    name = _unescaped(path).decode("utf-8", "surrogateescape")
    return Mapping(
        int(start, 16),
        int(end, 16),
        flags[2:3] == b"x",
        int(offset, 16),
        (os.makedev(int(major, 16), int(minor, 16)), int(inode)),
        name.removesuffix(_DELETED),
        name.endswith(_DELETED),
    )


def _unescaped(path: bytes) -> bytes:
    """The kernel writes a line's end in a file's name as \\012."""
    return path.replace(b"\\012", b"\n")
