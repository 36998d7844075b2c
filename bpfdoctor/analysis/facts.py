"""What every collector's facts have in common."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.model.diagnosis import Category, Layer, Place
from bpfdoctor.model.picture import Picture
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Step


class Loss(StrEnum):
    """Why the fact the verifier needed is not there, in words that finish "because …"."""

    NEVER = "it was never established"
    OVERWRITTEN = "the register or slot was overwritten"
    MERGED = "another path reaches this point without it"
    INVALIDATED = "a call invalidated it"
    OTHER_COPY = "another copy of the value was checked"
    OTHER_WAY = "it holds only on the other branch of the check"
    CHANGED = "the value was changed after the check"
    REREAD = "it was read from memory again after the check"
    RECOMPUTED = "the compiler computed the value again after the check"
    NARROWED = "it was checked in 32 bits and used in 64"
    TRUNCATED = "a spill or a cast cut it off"
    TOO_SMALL = "the check covers too little"
    WRONG_VALUE = "another variable was compared"
    RELEASED = "the object was already released"
    UNKNOWN = "the log does not show where"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Base of all facts. `cause` is the step where the needed fact was lost or never established.

    `flow` is the chain of steps that led there, oldest first, each with a few words; `registers` are the
    registers of the refused step that the finding is about, for the flow to follow. `layer` overrides the
    rule's when the facts show that something else must change (the compiler lost what the source says),
    `category` where one message stands for two of Linux 7.3's. `insn` is the refused instruction where the
    log shows no step at all; `from_object` says that the object shows what such a log does not.
    """

    cause: Step | None = None
    insn: int | None = None
    refused_at: Place | None = None  # the part of the refused line, where no column is printed
    from_object: bool = False
    why: Loss = Loss.UNKNOWN
    flow: tuple[tuple[Step, str], ...] = ()
    registers: tuple[str, ...] = ()
    layer: Layer | None = None
    category: Category | None = None

    @property
    def picture(self) -> Picture | None:
        """What can be drawn of the facts, beside labels in the source."""
        return None
