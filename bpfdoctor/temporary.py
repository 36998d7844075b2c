"""What no signal may leave behind half made: temporary folders, and others' things."""

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
        with signals_wait():
            super().__init__(prefix="bpfdoctor-")

    def cleanup(self) -> None:
        """Removes it."""
        with signals_wait():
            super().cleanup()


@contextmanager
def signals_wait() -> Iterator[None]:
    """Signals that end us come afterwards: what is made inside is known to whoever removes it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
