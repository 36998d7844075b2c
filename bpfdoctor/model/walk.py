"""The refused path as a reader steps through it: texts and numbers alone, so that any format can show it."""

from __future__ import annotations

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
    names, `taken` whether the path went there. `made` is where the values come from that it wrote; `gap`: the
    log does not show what ran before it.
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
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """`steps` are oldest first, the last one is what was refused. `begins` is what is known before the first.

    `matters` says of some steps (by index) why the answer speaks of them. `is_cut`: there are older steps.
    """

    steps: tuple[Walked, ...]
    begins: tuple[Held, ...] = ()
    lines: tuple[Line, ...] = ()
    matters: tuple[tuple[int, str], ...] = ()
    is_cut: bool = False
