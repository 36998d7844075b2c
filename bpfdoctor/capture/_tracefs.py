"""Shows a child what the arguments of tracepoints are: BCC reads them from tracefs, which is root's.

The child has its rights for this only. What it mounts, it mounts for itself alone.
"""

from __future__ import annotations

import ctypes as ct
import os

_PLACES = ("/sys/kernel/debug/tracing", "/sys/kernel/tracing")  # in the order in which BCC looks
_LONGEST = 1 << 16  # bytes of an event's format
_NEWNS, _REC, _PRIVATE = 0x20000, 0x4000, 1 << 18  # linux/sched.h, linux/mount.h


def show(wanted: list[str]) -> list[str] | None:
    """Make the formats of tracepoints (category:event) readable for this process.

    Those that this kernel lacks; None when tracefs is not there to ask and cannot be mounted.
    """
    libc = ct.CDLL(None, use_errno=True)
    base = _mounted()
    alone = base is None or os.geteuid() != 0  # somebody else will read what only root's rights can
    if alone and not (
        libc.unshare(_NEWNS) == 0 and libc.mount(b"none", b"/", None, _REC | _PRIVATE, None) == 0
    ):
        return None
    if base is None:
        libc.mount(b"tracefs", _PLACES[1].encode(), b"tracefs", 0, None)
        base = _mounted()
    if base is None:
        return None
    formats = {name: _format(base, name) for name in wanted}
    if os.geteuid() != 0:
        for place in filter(os.path.isdir, _PLACES):
            if libc.mount(b"none", place.encode(), b"tmpfs", 0, b"mode=755") == 0:
                _write(place, formats)
    return [name for name, text in formats.items() if text is None]


def _mounted() -> str | None:
    """The first place where events are."""
    return next((place for place in _PLACES if os.path.isdir(f"{place}/events")), None)


def _format(base: str, name: str) -> bytes | None:
    """What an event's arguments are; None where the kernel has no such event."""
    try:
        descriptor = os.open(f"{base}/events/{name.replace(':', '/')}/format", os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)


def _write(place: str, formats: dict[str, bytes | None]) -> None:
    for name, text in formats.items():
        if text is not None:
            folder = f"{place}/events/{name.replace(':', '/')}"
            os.makedirs(folder)
            with open(f"{folder}/format", "wb") as file:
                file.write(text)
