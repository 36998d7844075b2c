"""Arithmetic on numbers of which some bits are known (tristate numbers), as kernel/bpf/tnum.c does it."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX, U64_MAX, signed, unsigned
from bpfdoctor.model.trace import Tnum

UNKNOWN = Tnum(0, U64_MAX)


def constant(value: int) -> Tnum:
    return Tnum(value & U64_MAX, 0)


def _of(value: int, mask: int) -> Tnum:
    mask &= U64_MAX
    return Tnum(value & U64_MAX & ~mask, mask)


def between(least: int, most: int) -> Tnum:
    """The bits that all numbers between two unsigned ones share."""
    unknown = (1 << (least ^ most).bit_length()) - 1
    return _of(least, unknown)


def meet(a: Tnum, b: Tnum) -> Tnum | None:
    """What is known when both are true; None where they contradict each other."""
    if (a.value ^ b.value) & ~a.mask & ~b.mask:
        return None
    return _of(a.value | b.value, a.mask & b.mask)


def join(a: Tnum, b: Tnum) -> Tnum:
    """What is known when one of them is true."""
    return _of(a.value, a.mask | b.mask | (a.value ^ b.value))


def low(a: Tnum) -> Tnum:
    """The lower 32 bits, the upper ones 0."""
    return Tnum(a.value & U32_MAX, a.mask & U32_MAX)


def add(a: Tnum, b: Tnum) -> Tnum:
    value = a.value + b.value
    carries = (a.mask + b.mask + value) ^ value
    return _of(value, carries | a.mask | b.mask)


def subtract(a: Tnum, b: Tnum) -> Tnum:
    value = a.value - b.value
    borrows = (value + a.mask) ^ (value - b.mask)
    return _of(value, borrows | a.mask | b.mask)


def multiply(a: Tnum, b: Tnum) -> Tnum:
    value, unknown = a.value * b.value, constant(0)
    while a.value or a.mask:
        if a.value & 1:
            unknown = add(unknown, _of(0, b.mask))
        elif a.mask & 1:
            unknown = add(unknown, _of(0, b.value | b.mask))
        a, b = Tnum(a.value >> 1, a.mask >> 1), _of(b.value << 1, b.mask << 1)
    return add(constant(value), unknown)


def both(a: Tnum, b: Tnum) -> Tnum:
    value = a.value & b.value
    return _of(value, (a.value | a.mask) & (b.value | b.mask) & ~value)


def either(a: Tnum, b: Tnum) -> Tnum:
    value = a.value | b.value
    return _of(value, (a.mask | b.mask) & ~value)


def differ(a: Tnum, b: Tnum) -> Tnum:
    return _of(a.value ^ b.value, a.mask | b.mask)


def shifted_left(a: Tnum, by: int) -> Tnum:
    return _of(a.value << by, a.mask << by)


def shifted_right(a: Tnum, by: int) -> Tnum:
    return Tnum(a.value >> by, a.mask >> by)


def shifted_right_signed(a: Tnum, by: int, width: int) -> Tnum:
    """What comes in from the left is the sign, known or not."""
    value, mask = signed(a.value, width) >> by, signed(a.mask, width) >> by
    return _of(unsigned(value, width), unsigned(mask, width))


def swapped(a: Tnum, size: int) -> Tnum:
    """The lowest `size` bytes in opposite order, the others 0."""

    def swap(bits: int) -> int:
        return int.from_bytes((bits & ((1 << 8 * size) - 1)).to_bytes(size, "little"), "big")

    return Tnum(swap(a.value), swap(a.mask))
