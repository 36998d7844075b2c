"""What arithmetic does to numbers of which only limits and some bits are known."""

from __future__ import annotations

from collections.abc import Callable

from bpfdoctor.machine import tnum
from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.number import (
    FULL,
    FULL_32,
    UNKNOWN,
    Bounds,
    Number,
    exactly,
    of_size,
    settled,
)
from bpfdoctor.model.trace import Tnum

Pair = tuple[int, int]


def arithmetic(operator: str, a: Number, b: Number, width: int) -> Number:
    """`a operator b`, as the instruction computes it in `width` bits; unknown where it may wrap around."""
    if width == 32:
        return lower_half(_computed(operator, lower_half(a), lower_half(b), 32))
    return _computed(operator, a, b, 64)


def negated(a: Number, width: int) -> Number:
    return arithmetic("-=", exactly(0), a, width)


def lower_half(a: Number) -> Number:
    """The lower 32 bits, the upper ones 0: what a 32-bit instruction leaves in a register."""
    if a.is_small:
        return a
    return settled(Bounds(0, U32_MAX, a.low.umin, a.low.umax), a.low, tnum.low(a.bits))


def extended(a: Number, bits: int, width: int) -> Number:
    """The lowest `bits` bits as a signed number: r1 = (s8)r2."""
    of = of_size(bits // 8, is_signed=True)
    least, most = of.whole.smin, of.whole.smax
    limits = a.low if bits == 32 else a.whole
    if limits.smin >= least and limits.smax <= most:
        of = settled(Bounds(limits.smin, limits.smax, 0, FULL.umax))
    return lower_half(of) if width == 32 else of


def swapped(a: Number, size: int) -> Number:
    """The lowest `size` bytes in opposite order."""
    return settled(bits=tnum.swapped(a.bits, size))


def _computed(operator: str, a: Number, b: Number, width: int) -> Number:
    if operator in _SHIFTS and not _is_shift(b, width):
        return UNKNOWN
    bits = _bits(operator, a.bits, b.bits, width)
    whole = _limits(operator, a.whole, b.whole, 64) if width == 64 else FULL
    low = FULL_32
    if width == 32 or operator in _OF_LOWER_HALVES:
        low = _limits(operator, a.low, b.low, 32)
    return settled(whole, low, bits)


_SHIFTS = ("<<=", ">>=", "s>>=")
# The lower half of their result depends on the lower halves alone.
_OF_LOWER_HALVES = ("+=", "-=", "*=", "&=", "|=", "^=")
_ON_BITS: dict[str, Callable[[Tnum, Tnum], Tnum]] = {
    "+=": tnum.add,
    "-=": tnum.subtract,
    "*=": tnum.multiply,
    "&=": tnum.both,
    "|=": tnum.either,
    "^=": tnum.differ,
    "<<=": lambda a, b: tnum.shifted_left(a, b.value),
    ">>=": lambda a, b: tnum.shifted_right(a, b.value),
}


def _is_shift(by: Number, width: int) -> bool:
    """Whether it is known how far it shifts: the machine takes larger ones modulo the width."""
    return by.bits.mask == 0 and by.bits.value < width


def _bits(operator: str, a: Tnum, b: Tnum, width: int) -> Tnum:
    if operator == "s>>=":
        return tnum.shifted_right_signed(a, b.value, width)
    if operator not in _ON_BITS:
        return tnum.UNKNOWN
    found = _ON_BITS[operator](a, b)
    return tnum.low(found) if width == 32 else found


def _limits(operator: str, a: Bounds, b: Bounds, width: int) -> Bounds:
    """Those of the result in one width; all there are where it may wrap around."""
    full = FULL if width == 64 else FULL_32
    with_sign = _signed(operator, (a.smin, a.smax), (b.smin, b.smax))
    if with_sign is None or with_sign[0] < full.smin or with_sign[1] > full.smax:
        with_sign = full.smin, full.smax
    without = _unsigned(operator, (a.umin, a.umax), (b.umin, b.umax))
    if without is None or without[0] < 0 or without[1] > full.umax:
        without = full.umin, full.umax
    return Bounds(*with_sign, *without)


def _signed(operator: str, a: Pair, b: Pair) -> Pair | None:
    match operator:
        case "+=":
            return a[0] + b[0], a[1] + b[1]
        case "-=":
            return a[0] - b[1], a[1] - b[0]
        case "*=":
            corners = [x * y for x in a for y in b]
            return min(corners), max(corners)
        case "<<=":
            return a[0] << b[0], a[1] << b[0]
        case "s>>=":
            return a[0] >> b[0], a[1] >> b[0]
    return None  # not different for signed numbers


def _unsigned(operator: str, a: Pair, b: Pair) -> Pair | None:
    match operator:
        case "+=" | "-=":
            return _signed(operator, a, b)
        case "*=":
            return a[0] * b[0], a[1] * b[1]
        case "%=" if b[0] > 0:  # a divisor of 0 would leave the number as it is
            return 0, min(a[1], b[1] - 1)
        case "/=" if b[0] > 0:
            return a[0] // b[1], a[1] // b[0]
        case "&=":
            return 0, min(a[1], b[1])
        case "|=":
            return max(a[0], b[0]), (1 << max(a[1], b[1]).bit_length()) - 1
        case "^=":
            return 0, (1 << max(a[1], b[1]).bit_length()) - 1
        case "<<=":
            return a[0] << b[0], a[1] << b[0]
        case ">>=":
            return a[0] >> b[0], a[1] >> b[0]
    return None
