"""What a backward slice is made of: the steps that made a value, and the branches that compared it."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.machine.endings import Ending
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Holder, Step


class How(StrEnum):
    """What a step did to the value."""

    CONSTANT = "constant"  # r1 = 5; *(u64 *)(r10 -8) = 0
    COPY = "copy"  # r1 = r6
    CAST = "cast"  # w1 = w6, r1 = (s8)r6: the value may have changed
    ARITHMETIC = "arithmetic"  # r1 += r2
    LOAD = "load"  # r1 = *(u32 *)(r2 +4), from memory that is no stack
    FILL = "fill"  # r1 = *(u64 *)(r10 -8)
    SPILL = "spill"  # *(u64 *)(r10 -8) = r1
    CALL = "call"  # r0 of a helper, a kfunc or a global function
    WRITTEN = "written"  # stack bytes that a helper filled
    RETURNED = "returned"  # r0 of a subprogram
    ARGUMENT = "argument"  # r1..r5 of a subprogram
    CALLBACK = "callback"  # r1..r5 that a helper gave its callback
    REFINED = "refined"  # a branch compared it
    ENTRY = "entry"  # there when the program (or a global function) began
    CLOBBERED = "clobbered"  # a call made it unreadable
    INVALIDATED = "invalidated"  # it ended what the pointer meant: packet moved, reference released, …
    UNSET = "unset"  # nothing on the path ever put a value there
    UNKNOWN = "unknown"  # the log does not reach back far enough


class Role(StrEnum):
    """How the step matters for the value that was asked about."""

    VALUE = "value"  # it is the value, or became it
    OPERAND = "operand"  # it was added to it, or the like


class Relation(StrEnum):
    """What a branch compared, seen from the value asked about (or the operand or address it belongs to)."""

    SAME = "same"  # the value itself, where it was then
    COPY = "copy"  # another register with the same value (same id)
    BASE = "base"  # another pointer into the same packet
    ANCESTOR = "ancestor"  # what the value was before arithmetic or a cast changed it


@dataclass(frozen=True, slots=True)
class _Traced:
    """One step of a slice. `place` (r1, fp-8) got what it holds from `sources` (r6, fp-16).

    `wanted_by` is the index, among the slice's steps, of the newer step that this one explains; None when
    that is the register asked about.
    """

    how: How
    step: Step
    place: Holder
    frame: int
    sources: tuple[Holder, ...] = ()
    wanted_by: int | None = None
    callee: str | None = None
    ending: Ending | None = None  # of INVALIDATED only
    relation: Relation | None = None  # of REFINED only


@dataclass(frozen=True, slots=True)
class Origin(_Traced):
    """A step that made the value, or a number it was computed from."""

    role: Role = Role.VALUE


@dataclass(frozen=True, slots=True)
class AddressOrigin(_Traced):
    """A step that made the address through which the value was loaded, or a number in that address."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What made a value, newest first.

    Where a value came from and where the addresses came from that it was read through are different
    questions, so the chains are of different types.
    """

    steps: tuple[Origin | AddressOrigin, ...] = ()

    @property
    def numbers(self) -> tuple[Origin, ...]:
        """The steps of the value and of what was added to it, or the like; checks of these, too."""
        return tuple(each for each in self.steps if isinstance(each, Origin))

    @property
    def value(self) -> tuple[Origin, ...]:
        """Those of the value itself, where it was checked, and where a call took its meaning away."""
        return tuple(each for each in self.numbers if each.role is Role.VALUE)

    @property
    def made(self) -> tuple[Origin, ...]:
        """Those that made the value, or passed it on: a chain for a reader."""
        return tuple(each for each in self.value if each.how not in (How.REFINED, How.INVALIDATED))

    def value_that_wanted(self, operand: Origin) -> Origin | None:
        """The step of the value itself that an operand went into."""
        by: Origin | AddressOrigin = operand
        while by.wanted_by is not None and isinstance(by, Origin) and by.role is Role.OPERAND:
            by = self.steps[by.wanted_by]
        return by if isinstance(by, Origin) and by.role is Role.VALUE else None

    @property
    def addresses(self) -> tuple[AddressOrigin, ...]:
        """The steps that made the addresses through which it, or a part of it, was loaded."""
        return tuple(each for each in self.steps if isinstance(each, AddressOrigin))


@dataclass(frozen=True, slots=True)
class Check:
    """A branch that compared the value: `register operator other`, and whether that was true on this path."""

    step: Step
    register: str
    operator: str
    other: str | int
    held: bool | None
    relation: Relation


_PHRASES = {
    How.CONSTANT: "set to a constant",
    How.COPY: "copied from {source}",
    How.CAST: "taken from {source} (not all bits)",
    How.ARITHMETIC: "computed from {source}",
    How.LOAD: "loaded through {source}",
    How.FILL: "read back from {source}",
    How.SPILL: "stored there from {source}",
    How.CALL: "returned by {callee}",
    How.WRITTEN: "written by {callee}",
    How.RETURNED: "returned by the function that ends there",
    How.ARGUMENT: "passed as {source}",
    How.CALLBACK: "handed to the callback by {callee}",
    How.ENTRY: "there from the beginning",
    How.CLOBBERED: "made unreadable by the call of {callee}",
    How.INVALIDATED: "made unusable by {callee}",
    How.UNSET: "never set on this path",
    How.UNKNOWN: "older than what the log shows",
}


def phrase(each: Origin | AddressOrigin) -> str:
    """What a step did, as "copied from r6"; "" of a branch."""
    source = " and ".join(map(str, each.sources))
    return _PHRASES.get(each.how, "").format(source=source, callee=each.callee or "a function")


def chain_in_words(slice_: Slice) -> str:
    """ "copied from r6 at 14, read back from fp-8 at 13, stored there from r0 at 9, returned by … at 7"."""
    told = (each for each in slice_.value if each.how is not How.REFINED)
    return ", ".join(f"{phrase(each)} at {each.step.insn.index}" for each in told)
