"""Finds the constants (`const volatile`) that branches test, and the values that they tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from bpfdoctor.capture import globals
from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.elf import FUNC, Elf, Symbol
from bpfdoctor.kernel import instructions as op
from bpfdoctor.model.record import dataclass

_MOST_SETTINGS = 32
_MOST_VALUES = 6  # of one constant
_WIDTHS = {0x61: 4, 0x69: 2, 0x71: 1, 0x79: 8, 0x81: 4, 0x89: 2, 0x91: 1}  # loads, with and without a sign
_MOVES = (0xBF, 0xBC)
_ANDS = (0x57, 0x54)
_SHIFTS = (0x67, 0x77, 0xC7, 0x64, 0x74, 0xC4)  # how a small number is widened
_SET = 0x40  # jump if bits are set
_ABOVE = {0x20: 1, 0x60: 1, 0xD0: 1, 0xB0: 1, 0x30: -1, 0x70: -1, 0xA0: -1, 0xC0: -1}  # > and <=; >= and <


@dataclass(frozen=True, slots=True)
class Setting:
    """A constant by the name that --set takes, and the values that lead another way than its default."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    section: int
    offset: int
    size: int = 0  # 0: the address itself


@lru_cache(maxsize=1)  # asked for each program of an object
def settings(elf: bytes) -> tuple[Setting, ...]:
    """The object's, in the order in which its code tests them; no more than can be tried."""
    found = Elf.read(elf)
    if found is None:
        return ()
    tests: dict[_Place, set[int]] = {}
    for symbol in found.symbols:
        if symbol.kind == FUNC and symbol.section is not None:
            for place, values in _tests_in(found, symbol):
                tests.setdefault(place, set()).update(values)
    types = Btf.from_elf(found)
    listed = []
    for place, values in tests.items():
        name = globals.name_of(found, types, place.section, place.offset, place.size)
        others = sorted(values - {_default(found, place)})[:_MOST_VALUES]
        if name and others:
            listed.append(Setting(name, tuple(others)))
    return tuple(listed[:_MOST_SETTINGS])


def _default(elf: Elf, place: _Place) -> int:
    data = elf.data(place.section)[place.offset : place.offset + place.size]
    return int.from_bytes(data, "little" if elf.little else "big")


def _tests_in(elf: Elf, function: Symbol) -> Iterator[tuple[_Place, set[int]]]:
    """(what is compared, values on both sides of the comparison), by the order of the code alone."""
    assert function.section is not None
    code = elf.data(function.section)[: function.value + function.size]
    order: Literal["little", "big"] = "little" if elf.little else "big"
    symbols = {each.offset: each.symbol for each in elf.relocations(function.section)}
    held: dict[int, tuple[_Place, int]] = {}  # register -> what is in it, and the bits that are left of it
    at = function.value
    while at + op.BYTES <= len(code):
        opcode, registers = code[at], code[at + 1]
        to, source = (registers & 15, registers >> 4) if elf.little else (registers >> 4, registers & 15)
        offset = int.from_bytes(code[at + 2 : at + 4], order, signed=True)
        number = int.from_bytes(code[at + 4 : at + 8], order, signed=True)
        known, other = held.get(to), held.get(source)
        kind = opcode & op.CLASS
        if opcode == op.LD_IMM64:
            held.pop(to, None)
            symbol = symbols.get(at)
            if symbol and symbol.section is not None and elf.names[symbol.section].startswith(".rodata"):
                held[to] = (_Place(symbol.section, symbol.value + number), -1)
            at += op.BYTES
        elif opcode in _WIDTHS and other and not other[0].size:
            held[to] = (_Place(other[0].section, other[0].offset + offset, _WIDTHS[opcode]), -1)
        elif opcode in _MOVES and other:
            held[to] = other
        elif opcode == op.ADD64_IMM and known and not known[0].size:
            held[to] = (_Place(known[0].section, known[0].offset + number), -1)
        elif opcode in _ANDS and known and known[0].size:
            held[to] = (known[0], known[1] & number)
        elif opcode in _SHIFTS and known and known[0].size:
            pass
        elif opcode == op.CALL:
            held = {register: what for register, what in held.items() if register > 5}
        elif kind in (op.JMP, op.JMP32):
            if (
                known
                and known[0].size
                and not opcode & op.FROM_REGISTER
                and opcode not in (op.JA, op.JA32, op.EXIT)
            ):
                yield known[0], _values(opcode & 0xF0, number, known[1], known[0].size)
        elif kind in (op.LD, op.LDX, op.ALU, op.ALU64):
            held.pop(to, None)
        at += op.BYTES


def _values(comparison: int, number: int, bits: int, size: int) -> set[int]:
    """Values with which the comparison turns out one way, and the other way."""
    all_bits = (1 << 8 * size) - 1
    if comparison == _SET:
        values = {0, number & bits}
    elif comparison in _ABOVE:
        values = {number, number + _ABOVE[comparison]}
    else:
        other = 0 if number else (bits & all_bits if bits != -1 else 1)
        values = {number, other}
    return {value & all_bits for value in values if value & all_bits == value or value < 0}
