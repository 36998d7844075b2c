"""What somebody looked for in a log that does not show it: it may still be in the program."""

from __future__ import annotations

from enum import StrEnum


class Unshown(StrEnum):
    """What of a program the log leaves out, and what may be there; the graver one first."""

    STEPS = "part of the log is missing, perhaps the part that shows the cause"
    STATES = "the log shows too little of what the registers held, perhaps not enough to show the cause"


class Search:
    """What was asked of a trace in vain is its `unshown`; None when all was there."""

    def __init__(self) -> None:
        self._missed: set[Unshown] = set()

    def miss(self, what: Unshown) -> None:
        self._missed.add(what)

    @property
    def unshown(self) -> Unshown | None:
        return next((each for each in Unshown if each in self._missed), None)
