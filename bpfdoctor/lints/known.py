"""What a walk knows of values and of the stack, and what is left of it where two ways meet."""

from __future__ import annotations

from bpfdoctor.kernel.limits import STACK
from bpfdoctor.machine.bits import U64_MAX, signed
from bpfdoctor.model.record import dataclass

EVERY_BYTE = (1 << STACK) - 1


@dataclass(frozen=True, slots=True)
class Stack:
    """An address in the function's own stack: r10 + offset."""

    offset: int


@dataclass(frozen=True, slots=True)
class Map:
    """A map of the object, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up at an instruction returned: of a map, or NULL unless it was `checked`."""

    at: int
    map: str | None
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What may be the result of one of these calls."""

    at: frozenset[int]


@dataclass(frozen=True, slots=True)
class Context:
    """The program's context, or an address in it."""

    offset: int


@dataclass(frozen=True, slots=True)
class Memory:
    """An address of the kernel's or of user space; `what` says in words where it comes from.

    `holds` is what a word that is read from there is an address of.
    """

    user: bool
    what: str
    holds: Memory | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a member is from its structure's start, which CO-RE puts in; `to` is the member."""

    to: Memory


Value = int | Stack | Map | Found | Returned | Context | Memory | Shift | None


@dataclass(slots=True)
class State:
    """What is known before an instruction."""

    registers: list[Value]
    slots: dict[int, Value]  # by offset from r10, of 8 bytes
    set: int  # bit n: the byte r10 - 512 + n

    def copy(self) -> State:
        return State(self.registers.copy(), self.slots.copy(), self.set)


def written(state: State, offset: int, size: int) -> None:
    """Bytes of the stack have a value now, and slots that they touch another one."""
    first = offset + STACK
    if first >= 0 and size > 0:
        state.set |= (((1 << size) - 1) << first) & EVERY_BYTE
    for slot in [each for each in state.slots if offset - 8 < each < offset + size]:
        del state.slots[slot]


def moved(value: Value, by: int) -> Value:
    """Value + a number."""
    match value:
        case int():
            return signed((value + by) & U64_MAX)
        case Stack(offset):
            return Stack(offset + by)
        case Context(offset):
            return Context(offset + by)
        case Memory() | Found():
            return value
        case _:
            return None


def put(state: State, known: Value, value: Value) -> None:
    """Every copy of a look-up's result is known to be something else now."""
    state.registers[:] = [value if each == known else each for each in state.registers]
    for slot, each in list(state.slots.items()):
        if each == known:
            state.slots[slot] = value


def join(into: State, other: State) -> bool:
    """Keeps what both know; whether that is less than `into` knew, or more bytes are set."""
    changed = other.set | into.set != into.set
    into.set |= other.set
    for at, value in enumerate(into.registers):
        both = _both(value, other.registers[at])
        if not _same(both, value):
            into.registers[at] = both
            changed = True
    for slot in {*into.slots, *other.slots}:
        value = into.slots.get(slot)
        both = _both(value, other.slots.get(slot))
        if not _same(both, value):
            into.slots[slot] = both
            changed = True
    return changed


def _both(one: Value, other: Value) -> Value:
    """What is known where one or the other is so; a result stays one that may be there."""
    if _same(one, other):
        return one
    if isinstance(one, Returned) or isinstance(other, Returned):
        results = [each.at for each in (one, other) if isinstance(each, Returned)]
        return Returned(frozenset().union(*results))
    return None


def _same(one: Value, other: Value) -> bool:
    return one is other or (type(one) is type(other) and one == other)
