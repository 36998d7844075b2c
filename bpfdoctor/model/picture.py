"""What a finding shows besides its places: the bytes of a stack object, the stack of a call chain, loops."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.model.record import dataclass


class PartKind(StrEnum):
    """What a run of bytes of an object is."""

    MEMBER = "member"
    PADDING = "padding"  # between members, or after the last one
    BYTES = "bytes"  # the object's layout is not known
    BEYOND = "beyond"  # read with the object, but not part of it


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of an object that belong together, `start` counted from its first byte.

    `row` has a letter for each byte: `w` written, `.` not written, `?` not known. `name` is the member as in
    C (`in[2].port`), for padding the member before it. `by` is the source line that wrote bytes without
    a name.
    """

    kind: PartKind
    start: int
    row: str
    name: str | None = None
    by: str | None = None

    @property
    def size(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class ObjectBytes:
    """An object on the stack, `off` from the frame pointer; bytes `first`..`last` of it are read."""

    name: str | None
    type: str
    off: int
    size: int
    first: int
    last: int
    parts: tuple[Part, ...]

    def read_of(self, part: Part) -> Part | None:
        """The bytes of a part that are read."""
        start = max(part.start, self.first)
        row = part.row[start - part.start : max(0, self.last + 1 - part.start)]
        return Part(part.kind, start, row, part.name, part.by) if row else None


@dataclass(frozen=True, slots=True)
class RoundChange:
    """A register or stack slot (`place`: r8, fp-16) that is another in every round of a loop.

    `values` are what was known of it in the last rounds, oldest first, in words; `each` is how much a number
    grew from one round to the next, where that was always the same. `name` is the user's variable.
    """

    place: str
    name: str | None
    values: tuple[str, ...]
    each: int | None


@dataclass(frozen=True, slots=True)
class LoopLevel:
    """One loop. `text` is its head as the source has it, `trips` how often it runs when the head says so,
    `seen` how many rounds the log shows in the steps looked at, `bound` what its counter is compared with.
    `now` is what was known at last of its counter, `variable`, which goes on by `step` (None: the head does
    not say).
    """

    text: str
    line: int | None
    trips: int | None
    bound: str | None
    seen: int
    variable: str | None
    now: str | None
    step: int | None


@dataclass(frozen=True, slots=True)
class LoopNest:
    """The loop that used up the budget, with the loops around it: outermost first.

    In the newest `steps` instructions a round of the innermost took `body` of them, on average, and left
    `waiting` branches with one way to be looked at later; the compiler put `at_once` rounds of the source
    into each of these, and rounds below are the source's; `changes` is what made the rounds differ. `limit`
    is that of `of`, instructions or branches (None: the refusal is not about one); `total` is how many of
    these all rounds make (None: a number of rounds is not known), `room` how many rounds of the innermost
    loop the limit has room for. `rounds` are those of one pass of the inner loops, as many of them as have a
    known number; the limit has room for `passes` of it.
    """

    levels: tuple[LoopLevel, ...]
    steps: int
    body: int
    waiting: int
    changes: tuple[RoundChange, ...]
    at_once: int
    total: int | None
    room: int | None
    rounds: int | None
    passes: int | None
    limit: int | None
    of: str


@dataclass(frozen=True, slots=True)
class Local:
    """A variable on the stack, `size` bytes; `line` is that of its declaration."""

    name: str
    type: str
    size: int
    line: int | None


@dataclass(frozen=True, slots=True)
class FunctionStack:
    """The stack of one function: `size` bytes, which count as `counted`; None where nothing shows it.

    `locals` are its largest variables, those of functions inlined into it among them.
    """

    name: str
    size: int | None
    counted: int | None
    locals: tuple[Local, ...]


@dataclass(frozen=True, slots=True)
class CallStack:
    """Functions that are active at the same time, outermost first; together `used` bytes of `limit`."""

    functions: tuple[FunctionStack, ...]
    used: int | None
    limit: int


Picture = ObjectBytes | LoopNest | CallStack
