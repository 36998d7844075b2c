"""The one way to read a file that somebody else named: regular, of bounded size, without waiting for it.

A stranger's checkout may hold a link to /dev/zero, a FIFO or a sparse file of a terabyte under any name. What
bpfdoctor wrote itself, and the kernel's own files under fixed names, need none of this. A test forbids every
other way to open a file (tests/unit/test_reading.py).
"""

from __future__ import annotations

import os
import stat

from bpfdoctor.model.problem import Problem

TYPE_CHECKING = False  # children import this in a bare interpreter
if TYPE_CHECKING:
    from pathlib import Path

_given: dict[str, bytes] = {}  # by whole path
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
)


class NotRegular(Problem):
    """What was named is no file, or too large for what it should be."""


def give(path: Path | str, data: bytes) -> None:
    """From here on `data` stands for the file of that name, which need not be there: standard input."""
    _given[os.path.abspath(path)] = data


def given(path: Path | str) -> bytes | None:
    """What stands for a file; None for one that is itself."""
    return _given.get(os.path.abspath(path)) if _given else None


def read(path: Path | str, most: int, *, first: int | None = None) -> bytes:
    """The bytes of a regular file that has at most `most` of them; only the `first` ones when asked.

    Raises NotRegular, and OSError for what is not there or may not be read.
    """
    if (data := given(path)) is not None:
        if len(data) > most:
            raise _too_large(path, most)
        return data[:first]
    descriptor = opened(path, most)
    wanted = most if first is None else first
    parts: list[bytes] = []
    try:
        while wanted >= 0 and (part := os.read(descriptor, min(wanted + 1, 1 << 20))):
            parts.append(part)
            wanted -= len(part)
    except BlockingIOError:  # /proc/kmsg, trace_pipe: regular by name only
        raise NotRegular(f"{path} is an endless stream, not a file.", _WAY_OUT) from None
    finally:
        os.close(descriptor)
    if wanted < 0 and first is None:  # it grew, or the kernel makes it up as it is read
        raise _too_large(path, most)
    return b"".join(parts)[:first]


def opened(path: Path | str, most: int) -> int:
    """A descriptor of a regular file that has at most `most` bytes. Raises as `read` does."""
    _look_at(path, os.stat(path), most)  # opening some devices does something: a watchdog starts
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _look_at(path, os.fstat(descriptor), most)  # somebody may have put another in its place
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _look_at(path: Path | str, about: os.stat_result, most: int) -> None:
    if kind := kind_of(about.st_mode):
        raise NotRegular(f"{path} is {_seen(path, kind)}, not a file.", _WAY_OUT)
    if about.st_size > most:
        raise _too_large(path, most)


def kind_of(mode: int) -> str:
    """What a thing that is no regular file is, with its article; "" for a regular file."""
    return next((kind for test, kind in _KINDS if test(mode)), "")


_WAY_OUT = "Name a regular file."


def _seen(path: Path | str, kind: str) -> str:
    """`a FIFO`; `a link to /dev/zero, a character device`."""
    return f"a link to {os.path.realpath(path)}, {kind}" if os.path.islink(path) else kind


def _too_large(path: Path | str, most: int) -> NotRegular:
    size = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
    return NotRegular(
        f"{path} is larger than {size}.", "Files of this kind are smaller: look at what is in it."
    )
