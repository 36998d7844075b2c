"""What a collector answers: an outcome with its facts, or why the log does not show one."""

from __future__ import annotations

from enum import Enum

from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import dataclass


class Outcome(Enum):
    """What a collector can find: a closed list. A rule has sentences for every member of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome, and the facts that the rule's sentences are filled with."""

    outcome: Outcome
    facts: Facts


@dataclass(frozen=True, slots=True)
class NotShown:
    """`why` says what the log lacks; the rule then says what the message alone says."""

    why: str


Answer = Found | NotShown
