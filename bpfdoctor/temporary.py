"""Temporary folders that no signal leaves behind."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Folder(tempfile.TemporaryDirectory[str]):
    """A temporary folder: signals wait while it is made and while it is removed.

    One that comes a moment before that ends the `with` all the same; then the folder goes with this object.
    """

    def __init__(self) -> None:
        with _later():
            super().__init__(prefix="bpfdoctor-")

    def cleanup(self) -> None:
        """Removes it."""
        with _later():
            super().cleanup()


@contextmanager
def _later() -> Iterator[None]:
    """Signals that end us come afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
