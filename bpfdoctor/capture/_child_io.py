"""A child's side of the conversation: the request, the messages, and a shared file for long texts.

What children import is imported in a bare interpreter (-I -S) for every program file: no typing, dataclasses,
json or re here, which together would triple the time it takes to start.
"""

from __future__ import annotations

import ctypes as ct
import marshal
import mmap
import os

from bpfdoctor import rights
from bpfdoctor.capture._limits import LOG_CAP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_SET_PDEATHSIG, _SIGKILL = 1, 9  # linux/prctl.h; `signal` would cost a child its start


class Conversation:
    """What the parent asked, and how to answer."""

    def __init__(self) -> None:
        with open(0, "rb", closefd=False) as stdin:
            self.request: dict[str, Any] = marshal.load(stdin)  # noqa: S302 - from our own parent
            self.payload = stdin.read()
        rights.prctl(_SET_PDEATHSIG, _SIGKILL)
        if os.getppid() != self.request["parent"]:
            os._exit(1)  # it was killed before we said so
        self._log: int = self.request["log_fd"]
        self._out = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints on descriptor 1 is no message
        self._end = 0

    def say(self, event: str, **fields: Any) -> None:
        """One message to the parent: a line with a Python literal."""
        line = ascii({"event": event, **fields}).encode() + b"\n"
        while line:
            line = line[os.write(self._out, line) :]

    def store(self, text: bytes) -> tuple[int, int]:
        """Put a text into the shared file; its offset and length, for a message."""
        start = self._end
        written = 0
        while written < len(text):
            written += os.pwrite(self._log, text[written:], start + written)
        self._end = _page(start + len(text))
        return start, len(text)

    def room(self) -> Room:
        """Room for a log of any length."""
        return Room(self._log, self._end)

    def keep(self, room: Room) -> tuple[int, int]:
        """Close the room; offset and length of the log."""
        length = room.close()
        start = self._end
        self._end = _page(start + length)
        return start, length


class Room:
    """A piece of the shared file, mapped, that the kernel can write a log into: `address`, `size`."""

    def __init__(self, fd: int, start: int) -> None:
        self._fd, self._start = fd, start
        self._map = _grow(fd, start)
        self._anchor = ct.c_char.from_buffer(self._map)
        self.address = ct.addressof(self._anchor)
        self.size = len(self._map) - mmap.PAGESIZE

    def log_length(self) -> int:
        """Bytes of log in it."""
        return self._map.find(b"\0")

    def close(self) -> int:
        """Unmap, and keep the log alone; its length."""
        length = self.log_length()
        del self._anchor
        self._map.close()
        os.ftruncate(self._fd, self._start + length)
        return length


def _grow(fd: int, start: int) -> mmap.mmap:
    """Map as much after `start` as `ulimit -f` and the memory limit allow."""
    size = LOG_CAP
    while True:
        try:
            os.ftruncate(fd, start + size)
            return mmap.mmap(fd, size, offset=start)
        except (OSError, ValueError):
            if size <= 1 << 20:
                raise
            size >>= 2


def _page(offset: int) -> int:
    """The next offset that mmap accepts."""
    step = mmap.ALLOCATIONGRANULARITY
    return (offset + step - 1) // step * step
