"""Writes the answer where -o says: whole or not at all, and never through a link that somebody put there."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from bpfdoctor import rights
from bpfdoctor.model.problem import Problem

_OWN = re.compile(
    r"/(?:dev|proc/self)/fd/(\d{1,9})"
)  # a descriptor of this process, as a shell hands it over


def write(data: bytes, path: Path) -> None:
    """The file at `path`: what was there stays until all of the new one is written. Raises Problem."""
    try:
        _write(data, path)
    except OSError as error:
        raise Problem(
            f"{path} cannot be written: {(error.strerror or str(error)).lower()}{rights.as_whom()}.",
            "Name another file with -o.",
        ) from None


def _write(data: bytes, path: Path) -> None:
    own = {"/dev/stdout": 1, "/dev/stderr": 2}.get(str(path))
    if found := _OWN.fullmatch(str(path)):
        own = int(found[1])
    if own is not None:
        return _all_into(os.dup(own), data)
    mode = _mode(path)
    if mode is None or stat.S_ISLNK(mode) or stat.S_ISREG(mode):
        return _in_its_place(data, path, mode)
    # A device or a FIFO. Nobody may ever read the FIFO: opening it must not wait.
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    os.set_blocking(descriptor, True)
    return _all_into(descriptor, data)


def _mode(path: Path) -> int | None:
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return None


def _in_its_place(data: bytes, path: Path, mode: int | None) -> None:
    """Write aside and rename: a link is replaced, and what it points to stays as it is."""
    try:
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".bpfdoctor-")
    except PermissionError:
        if mode is None or not stat.S_ISREG(mode):
            raise
        # The folder is not ours, the file in it is.
        return _all_into(os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_TRUNC), data)
    try:
        os.fchmod(handle, mode & 0o777 if mode is not None and stat.S_ISREG(mode) else 0o666 & ~_umask())
        _all_into(handle, data)
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise
    return None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _all_into(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    try:
        with suppress(BrokenPipeError):  # a reader that has gone away is no error
            while left:
                left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)
