"""A path as a reader steps through it: texts and numbers alone, so that any format can show it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bpfdoctor.model.record import dataclass


class Held(NamedTuple):
    """What a place ("r1", "fp-8") of a frame holds, in words; "" where that is not known any more."""

    frame: int
    place: str
    value: str


class Spot(NamedTuple):
    """Where a value is: a register of a frame (`size` 0), or `size` bytes of its stack, from "fp-8" up."""

    frame: int
    place: str
    size: int = 0


class Source(NamedTuple):
    """What a value was made of: it is that "value", an "operand" was added, an "address" read through."""

    spot: Spot
    role: str


class Made(NamedTuple):
    """What a step put into places, in words ("copied from r6"), and what it is made of."""

    words: str
    to: tuple[Spot, ...]
    of: tuple[Source, ...] = ()


class Line(NamedTuple):
    """A line of the source. `number` 0: the log does not say which it is."""

    file: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Walked:
    """One instruction of the path. `line` is an index of the walk's lines; `reads` are places of its frame.

    `changed` is what is known after it and was not before; `printed` is each state that the log prints beside
    it (`R1=pkt(off=14,r=34)`), with what that means. `target` is the instruction that a branch or a call
    names, `taken` whether the path went there. `made` is where the values come from that it wrote, `checked`
    what a branch tells something of; `gap`: the log does not show what ran before it.
    """

    insn: int
    text: str
    kind: str  # Op
    frame: int = 0
    line: int | None = None
    target: int | None = None
    taken: bool | None = None
    reads: tuple[str, ...] = ()
    changed: tuple[Held, ...] = ()
    printed: tuple[tuple[str, str], ...] = ()
    made: tuple[Made, ...] = ()
    checked: tuple[Spot, ...] = ()
    gap: bool = False


class How(StrEnum):
    """How a path ended."""

    REFUSED = "refused"
    EXIT = "exit"  # the program's
    KNOWN = "known"  # in a state that is known to be safe
    ELSE = "else"  # an exception was thrown; or speculation, which may go wrong


class Ending(NamedTuple):
    """`at` is the instruction before which a path ended in a known state."""

    how: How
    at: int | None = None


REFUSED = Ending(How.REFUSED)


class AtOnce(NamedTuple):
    """The other way of the branch at `step` goes to `target`, where its first state is known to be safe."""

    step: int
    target: int


@dataclass(frozen=True, slots=True)
class OtherPaths:
    """What was walked from the branch at `step` before the path went on: bytes `start` to `end` of the log.

    It begins at instruction `target`; of its paths `exits` reached the program's end and `known` a state that
    is known to be safe; all three counts are None where that is too much to count. `walk` is its newest path,
    from that branch on; None where there is no room.
    """

    step: int
    start: int
    end: int
    target: int | None
    insns: int | None = None
    exits: int | None = None
    known: int | None = None
    walk: Walk | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """`steps` are oldest first. `begins` is what is known before the first.

    `matters` says of some steps (by index) why the answer speaks of them. `is_cut`: there are older steps.
    """

    steps: tuple[Walked, ...]
    begins: tuple[Held, ...] = ()
    lines: tuple[Line, ...] = ()
    matters: tuple[tuple[int, str], ...] = ()
    is_cut: bool = False
    ending: Ending = REFUSED
    end: int = 0  # where the path ends in the log; no other path ends there
    function: str = ""  # the global one that was walked by itself; "": the program
    others: tuple[OtherPaths, ...] = ()
    at_once: tuple[AtOnce, ...] = ()
