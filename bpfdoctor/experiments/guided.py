"""Inputs that lead a program to one instruction, and there to a fault: made from those that came close.

A run is looked at: which comparison led away from the instruction, and which of the numbers, packet bytes and
strokes of luck that it had asked for can have decided it. Each is changed by itself, and what comes closer is
changed again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Literal, TypeAlias

from bpfdoctor.kernel.instructions import (
    ALU64,
    CALL,
    CLASS,
    EXIT,
    FROM_REGISTER,
    JA,
    JA32,
    JMP,
    JMP32,
    LD_IMM64,
    LDX,
    PSEUDO_CALL,
    ST,
    STX,
)
from bpfdoctor.machine.bits import U32_MAX, U64_MAX
from bpfdoctor.machine.concrete.memory import WINDOW
from bpfdoctor.machine.concrete.program import ImmKind, Instruction, Runnable
from bpfdoctor.machine.concrete.watch import Branch, Watch
from bpfdoctor.machine.concrete.world import Seen, World

FAR = 1 << 30  # of a slot from which the instruction can't be come to
_LONGEST = 1514
_MOST_COMPARISONS = 12  # of one run that are turned round
_ADD, _SUB, _ANY_SET = 0x00, 0x10, 0x40  # operations, in an opcode
_HEADERS = 64  # bytes at the start of a packet
_FEW = 4  # numbers that are given every value that the program names
_MOST_SOURCES = 10  # of one number
_Order: TypeAlias = Literal["big", "little"]
_WAYS: tuple[tuple[int, _Order], ...] = (
    (4, "big"),
    (2, "big"),
    (4, "little"),
    (2, "little"),
)
_LARGE = (0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, U32_MAX, 1 << 32, U64_MAX)


def distances(code: Sequence[Instruction | None], slot: int) -> list[int]:
    """By slot: how many comparisons lie between it and `slot` at least; FAR where no way leads there."""
    before: list[list[int]] = [[] for _ in code]
    for at, insn in enumerate(code):
        if insn is not None:
            for after in _followers(at, insn):
                if 0 <= after < len(code):
                    before[after].append(at)
    found = [FAR] * len(code)
    found[slot] = 0
    waiting = deque([slot])
    while waiting:
        at = waiting.popleft()
        for earlier in before[at]:
            insn = code[earlier]
            away = found[at] + (insn is not None and is_comparison(insn))
            if away < found[earlier]:
                found[earlier] = away
                waiting.append(earlier)
    return found


def points_to(insn: Instruction, registers: Sequence[int | None]) -> int | None:
    """The address that an instruction touches or computes; None where it does neither."""
    kind = insn.code & CLASS
    base = registers[insn.src if kind == LDX else insn.dst]
    if base is None or kind not in (LDX, ST, STX, ALU64):
        return None
    if kind != ALU64:
        return (base + insn.off) & U64_MAX
    by = registers[insn.src] if insn.code & FROM_REGISTER else insn.imm
    if by is None or insn.code & 0xF0 not in (_ADD, _SUB):
        return None
    return (base - by if insn.code & 0xF0 == _SUB else base + by) & U64_MAX


def is_jump(insn: Instruction) -> bool:
    return insn.code & CLASS in (JMP, JMP32) and insn.code not in (CALL, EXIT)


def is_comparison(insn: Instruction) -> bool:
    return is_jump(insn) and insn.code not in (JA, JA32)


def _followers(at: int, insn: Instruction) -> Iterator[int]:
    if insn.code == EXIT:
        return
    if insn.code == CALL and insn.src == PSEUDO_CALL:
        yield at + 1 + insn.imm
    if insn.code == LD_IMM64:
        yield at + 2
        if insn.src == ImmKind.FUNCTION:  # who gets it calls it
            yield at + 1 + insn.imm
    elif insn.code == JA:
        yield at + 1 + insn.off
    elif insn.code == JA32:
        yield at + 1 + insn.imm
    else:
        yield at + 1
        if is_comparison(insn):
            yield at + 1 + insn.off


def neighbours(program: Runnable, world: World, watch: Watch, away: Sequence[int]) -> Iterator[World]:
    """Inputs like `world`, one thing of each changed; those first that are likely to come closer."""
    code = program.decoded()
    near = _Near(world, watch)
    insn = code[watch.slot]
    if watch.arrivals and insn is not None:
        yield from near.at_the_end(insn)
    for branch in islice(_leading_away(watch, code, away), _MOST_COMPARISONS):
        other = code[branch.slot]
        if other is not None:
            yield from near.turned(branch, other)
    yield from near.other_luck()
    if watch.arrivals and insn is not None:
        yield from near.other_numbers()


def _leading_away(watch: Watch, code: Sequence[Instruction | None], away: Sequence[int]) -> Iterator[Branch]:
    """The comparisons whose other side is a way to the instruction, the nearest and last ones first."""
    others: dict[int, tuple[int, int, Branch]] = {}
    for number, branch in enumerate(watch.branches):
        insn = code[branch.slot]
        other = branch.slot + 1 + (0 if branch.is_taken or insn is None else insn.off)
        if 0 <= other < len(away) and away[other] < FAR:
            others[branch.slot] = (away[other], -number, branch)
    for _, _, branch in sorted(others.values(), key=lambda each: each[:2]):
        yield branch


class _Near:
    """The neighbours of one input, from what its run was seen to do."""

    def __init__(self, world: World, watch: Watch) -> None:
        self._world, self._watch = world, watch
        context = watch.process.context if watch.process is not None else None
        self._packet = context.packet if context is not None else None
        # The end stays where it is when a call moves the start.
        self._start = self._packet.base + context.end - len(world.packet) if self._packet and context else 0
        # What was read last comes first, what was only there comes after all that was read.
        numbers = {label: n for label, n in world.seen.numbers.items() if label not in watch.numbers}
        self._numbers = [*reversed(watch.numbers.items()), *reversed(numbers.items())]

    def turned(self, branch: Branch, insn: Instruction) -> Iterator[World]:
        """With which the comparison may come out the other way."""
        left, right = branch.left, branch.right & U64_MAX
        if self._is_in_packet(left) and self._is_in_packet(right):  # the packet's end, and a pointer into it
            for pointer in {left, right} - {self._start + len(self._world.packet)}:
                yield from self._lengths(pointer - self._start + more for more in (0, -1, 1, 16))
            return
        if left >> WINDOW or right >> WINDOW or 0 in (left, right):
            yield from self.other_luck()
        wanted = [right, right + 1, right - 1]
        if insn.code & 0xF0 == _ANY_SET:  # is one of these bits set
            wanted = [right, left & ~right]
        yield from self._with(left, [each & U64_MAX for each in wanted])
        if insn.code & FROM_REGISTER:
            yield from self._with(right, [each & U64_MAX for each in (left, left + 1, left - 1)])

    def at_the_end(self, insn: Instruction) -> Iterator[World]:
        """With which the instruction itself may go wrong: the packet ends there, a number is larger."""
        kind = insn.code & CLASS
        is_access = kind in (LDX, ST, STX)
        for registers in (self._watch.arrivals[-1], self._watch.arrivals[0]):
            for number in (insn.src,) if kind == LDX else (insn.dst,) if is_access else range(1, 6):
                value = registers[number]
                if value is not None and self._is_in_packet(value):
                    at = value - self._start + (insn.off if is_access else 0)
                    yield from self._lengths(at + more for more in (0, 1, 3, -1))
        for label, number in self._numbers[:_MOST_SOURCES]:
            for large in (0x7FFFFFFF, U64_MAX, 0xFF, 0xFFFF):
                if large != number:
                    yield self._with_number(label, large)
        for label, number in self._numbers[:_FEW]:
            for other in self._world.numbers:
                if other != number:
                    yield self._with_number(label, other)
        for at, size in reversed(self._watch.bytes_of_packet.items()):
            for byte in (b"\xff", b"\0"):
                yield self._with_bytes(at, byte * size)
        yield from self._lengths((1514, 1024, 256, 64))

    def other_numbers(self) -> Iterator[World]:
        for at in range(min(len(self._world.packet), _HEADERS)):  # a call may have copied them
            yield self._with_bytes(at, b"\xff")
        for label, number in self._numbers:
            for large in _LARGE:
                if large != number:
                    yield self._with_number(label, large)

    def other_luck(self) -> Iterator[World]:
        for label, was in reversed(self._world.seen.luck.items()):
            yield replace(self._world, given_luck={**self._world.given_luck, label: not was}, seen=Seen())

    def _with(self, number: int, wanted: Sequence[int]) -> Iterator[World]:
        """In which what may have been `number` is something else."""
        likely = [label for label, drawn in self._numbers if _may_be(drawn, number)]
        for label in likely[:_MOST_SOURCES]:
            for each in wanted:
                yield self._with_number(label, each)
        yield from self._with_wide(number, wanted)
        if number == len(self._world.packet):
            yield from self._lengths(wanted)
        for at, size in reversed(self._watch.bytes_of_packet.items()):
            for each in wanted:
                yield self._with_bytes(at, _as_bytes(each, size, "little"))
                yield self._with_bytes(at, _as_bytes(each, size, "big"))
        yield from self._in_copies(number, wanted)
        for label, _ in self._numbers[:_MOST_SOURCES]:
            if label not in likely:
                yield self._with_number(label, wanted[0])

    def _with_wide(self, number: int, wanted: Sequence[int]) -> Iterator[World]:
        """In which two words of memory that made `number` are another number."""
        drawn = dict(self._numbers)
        for label, low in self._numbers:
            what, _, at = label.rpartition("+")
            upper = f"{what}+{int(at) + 4}" if at.isdigit() else ""
            if drawn.get(upper) and low | drawn[upper] << 32 == number:
                for each in wanted:
                    words = {label: each & U32_MAX, upper: each >> 32}
                    given = {**self._world.given_numbers, **words}
                    yield replace(self._world, given_numbers=given, seen=Seen())

    def _in_copies(self, number: int, wanted: Sequence[int]) -> Iterator[World]:
        """Bytes of the packet that a call may have copied to where they were read."""
        for size, order in _WAYS:
            if not 0xFF < number < 1 << (8 * size):
                continue
            was = _as_bytes(number, size, order)
            at, found = self._world.packet.find(was), 0
            while at >= 0 and found < _MOST_SOURCES:
                for each in wanted:
                    yield self._with_bytes(at, _as_bytes(each, size, order))
                at, found = self._world.packet.find(was, at + 1), found + 1

    def _with_number(self, label: str, number: int) -> World:
        numbers = {**self._world.given_numbers, label: number}
        return replace(self._world, given_numbers=numbers, seen=Seen())

    def _with_bytes(self, at: int, data: bytes) -> World:
        packet = self._world.packet
        return replace(self._world, packet=packet[:at] + data + packet[at + len(data) :], seen=Seen())

    def _lengths(self, lengths: Iterable[int]) -> Iterator[World]:
        packet = self._world.packet
        for length in lengths:
            if 0 < length <= _LONGEST and length != len(packet):
                yield replace(self._world, packet=packet[:length].ljust(length, b"\x20"), seen=Seen())

    def _is_in_packet(self, address: int) -> bool:
        return self._packet is not None and address >> WINDOW == self._packet.base >> WINDOW


def _may_be(drawn: int, number: int) -> bool:
    """Whether a number that was drawn may have been seen as another: the whole, or a part."""
    return any((drawn ^ number) & mask == 0 for mask in (U64_MAX, U32_MAX, 0xFFFF, 0xFF))


def _as_bytes(number: int, size: int, order: _Order) -> bytes:
    """The lower bytes of a number."""
    return (number & ((1 << 8 * size) - 1)).to_bytes(size, order)
