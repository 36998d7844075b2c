"""The system call bpf(2)."""

from __future__ import annotations

import ctypes as ct
import errno
import os

_NUMBERS = {
    "x86_64": 321, "aarch64": 280, "riscv64": 280, "loongarch64": 280, "s390x": 351, "ppc64le": 361,
}  # fmt: skip


def bpf(command: int, attributes: bytes) -> tuple[int, bytes]:
    """(result, attributes as the kernel left them). Raises OSError."""
    number = _NUMBERS.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    libc = ct.CDLL(None, use_errno=True)
    room = ct.create_string_buffer(attributes, max(len(attributes), 128))
    result: int = libc.syscall(number, command, room, len(room))
    if result < 0:
        raise OSError(ct.get_errno(), os.strerror(ct.get_errno()))
    return result, room.raw
