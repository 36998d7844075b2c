"""Arithmetic with tristate numbers, as in the kernel's tnum.c: some bits known, the others not."""

from __future__ import annotations

from bpfdoctor.model.trace import Tnum

MASK = (1 << 64) - 1
UNKNOWN = Tnum(0, MASK)


def const(value: int) -> Tnum:
    return Tnum(value & MASK, 0)


def contains(tnum: Tnum, value: int) -> bool:
    """Whether the 64-bit `value` (any sign) can be the number."""
    return (value ^ tnum.value) & ~tnum.mask & MASK == 0


def smallest(tnum: Tnum) -> int:
    """The smallest unsigned value."""
    return tnum.value


def largest(tnum: Tnum) -> int:
    """The largest unsigned value."""
    return tnum.value | tnum.mask


def add(a: Tnum, b: Tnum) -> Tnum:
    low = (a.value + b.value) & MASK
    high = (low + a.mask + b.mask) & MASK
    unknown = (high ^ low) | a.mask | b.mask
    return Tnum(low & ~unknown & MASK, unknown)


def subtract(a: Tnum, b: Tnum) -> Tnum:
    difference = (a.value - b.value) & MASK
    unknown = ((difference + a.mask) ^ (difference - b.mask)) & MASK | a.mask | b.mask
    return Tnum(difference & ~unknown & MASK, unknown)


def bit_and(a: Tnum, b: Tnum) -> Tnum:
    both = a.value & b.value
    return Tnum(both, (a.value | a.mask) & (b.value | b.mask) & ~both)


def shift_left(tnum: Tnum, by: int) -> Tnum:
    return Tnum(tnum.value << by & MASK, tnum.mask << by & MASK)


def shift_right(tnum: Tnum, by: int) -> Tnum:
    return Tnum(tnum.value >> by, tnum.mask >> by)


def low_bits(tnum: Tnum, bits: int = 32) -> Tnum:
    """The number that its lowest `bits` bits make."""
    return Tnum(tnum.value & ((1 << bits) - 1), tnum.mask & ((1 << bits) - 1))


def multiple_of(tnum: Tnum) -> int:
    """The largest power of two that the number is certainly a multiple of; 0 for the constant 0."""
    some = tnum.value | tnum.mask
    return some & -some
