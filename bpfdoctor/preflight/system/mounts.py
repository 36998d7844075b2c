"""Reads tracefs and its like where they are not mounted: through a mount that only this descriptor sees."""

from __future__ import annotations

import ctypes as ct
import os
import platform
import weakref
from contextlib import suppress

from bpfdoctor.preflight.system.in_force import rights_in_force

_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432  # the same on every architecture (since Linux 5.2)
_CREATE = 6  # FSCONFIG_CMD_CREATE
_READ_ONLY = 1  # MOUNT_ATTR_RDONLY
_CLOSE_ON_EXEC = 1
_CONVENTIONAL = {
    "tracefs": ("/sys/kernel/tracing", "/sys/kernel/debug/tracing"),
    "debugfs": ("/sys/kernel/debug",),
    "securityfs": ("/sys/kernel/security",),
}
_LONGEST = 64 << 20  # bytes of one of the kernel's own files


class Mount:
    """One of the kernel's file systems, as a folder to read in. `why_not` says why it cannot be read."""

    def __init__(self, kind: str) -> None:
        self.why_not = ""
        self.is_ours = False  # nobody else sees it
        self._folder: int | None = None
        with rights_in_force():
            for path in _CONVENTIONAL[kind]:
                with suppress(OSError):
                    if os.listdir(path):  # an empty folder is where it would be mounted
                        self._hold(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
                        return
            try:
                self._hold(mounted(kind))
                self.is_ours = True
            except OSError as error:
                self.why_not = f"{kind} cannot be read here ({(error.strerror or '').lower()})"

    def _hold(self, folder: int) -> None:
        self._folder = folder
        weakref.finalize(self, os.close, folder)  # a __del__ would run when `os` is gone at exit

    def read(self, path: str) -> bytes | None:
        """A file; None where there is none, or it may not be read."""
        if self._folder is None:
            return None
        try:
            with rights_in_force():
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        except OSError:
            return None
        try:
            parts, size = [], 0
            while size < _LONGEST and (part := os.read(descriptor, 1 << 20)):
                parts.append(part)
                size += len(part)
            return b"".join(parts)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def names(self, path: str) -> list[str] | None:
        """The names in a folder; None where it cannot be read."""
        if self._folder is None:
            return None
        try:
            with rights_in_force():
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._folder)
        except OSError:
            return None
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)


def mounted(kind: str, *, writable: bool = False) -> int:
    """A mount of that file system that only its descriptor shows, and ends. Raises OSError."""
    context = _syscall(_FSOPEN, kind.encode(), _CLOSE_ON_EXEC)
    try:
        _syscall(_FSCONFIG, context, _CREATE, None, None, 0)
        return _syscall(_FSMOUNT, context, _CLOSE_ON_EXEC, 0 if writable else _READ_ONLY)
    finally:
        os.close(context)


def _syscall(number: int, *arguments: object) -> int:
    if platform.system() != "Linux" or platform.machine() == "alpha":  # alpha counts its own way
        raise OSError(38, "not on this machine")
    libc = ct.CDLL(None, use_errno=True)
    words = [
        each if isinstance(each, bytes) or each is None else ct.c_long(int(str(each))) for each in arguments
    ]
    result: int = libc.syscall(ct.c_long(number), *words)
    if result < 0:
        raise OSError(ct.get_errno(), os.strerror(ct.get_errno()))
    return result
