"""What a comparison is known to give, and what its outcome says of the numbers compared."""

from __future__ import annotations

from bpfdoctor.kernel.comparisons import NEGATED, swapped
from bpfdoctor.machine import tnum
from bpfdoctor.machine.bits import U32_MAX, U64_MAX, unsigned
from bpfdoctor.machine.number import Bounds, Impossible, Number, meet, meet_bounds, settled
from bpfdoctor.model.trace import Tnum


def decided(operator: str, a: Number, b: Number, width: int) -> bool | None:
    """Whether `a operator b` holds, when what is known decides it; None when it does not."""
    return decided_by(operator, *((a.whole, b.whole) if width == 64 else (a.low, b.low)))


def decided_by(operator: str, a: Bounds, b: Bounds) -> bool | None:
    """The same from limits alone, those of 64 or of 32 bits."""
    match operator:
        case "==" | "!=":
            same = None
            if a.constant is not None and a.constant == b.constant:
                same = True
            elif a.umax < b.umin or b.umax < a.umin or a.smax < b.smin or b.smax < a.smin:
                same = False
            return same if operator == "==" or same is None else not same
        case ">":
            return _above(a.umin, a.umax, b.umin, b.umax)
        case "s>":
            return _above(a.smin, a.smax, b.smin, b.smax)
        case "<" | "s<":
            return decided_by(swapped(operator), b, a)
        case ">=" | "<=" | "s>=" | "s<=":
            found = decided_by(NEGATED[operator], a, b)
            return None if found is None else not found
        case "&" if a.constant is not None and b.constant is not None:
            return bool(a.constant & b.constant)
    return None


def _above(a_min: int, a_max: int, b_min: int, b_max: int) -> bool | None:
    """a > b"""
    return True if a_min > b_max else False if a_max <= b_min else None


def compared(operator: str, holds: bool, a: Number, b: Number, width: int) -> tuple[Number, Number]:
    """What is left of both where `a operator b` holds, or does not. Raises Impossible where nothing is."""
    if operator == "&":
        return _tested(holds, a, b, width), b
    if not holds:
        operator = NEGATED.get(operator, "")
    if decided(operator, a, b, width) is False:
        raise Impossible
    if operator == "==" and width == 64:
        same = meet(a, b)
        return same, same
    return _limited(operator, a, b, width), _limited(swapped(operator), b, a, width)


def _tested(holds: bool, a: Number, b: Number, width: int) -> Number:
    """Where any, or none, of the bits of the constant b is set."""
    if b.bits.mask:
        return a
    asked = unsigned(b.bits.value, width)
    known = Tnum(0, U64_MAX ^ asked)
    if holds:
        if asked & (asked - 1):
            return a  # any of several
        known = Tnum(asked, U64_MAX ^ asked)
    bits = tnum.meet(a.bits, known)
    if bits is None:
        raise Impossible
    return settled(a.whole, a.low, bits)


def _limited(operator: str, a: Number, b: Number, width: int) -> Number:
    """What is left of a."""
    if width == 64:
        return settled(meet_bounds(a.whole, _left(operator, a.whole, b.whole)), a.low, a.bits)
    low = meet_bounds(a.low, _left(operator, a.low, b.low))
    bits: Tnum | None = a.bits
    if operator == "==":
        half = tnum.low(b.bits)
        bits = tnum.meet(a.bits, Tnum(half.value, half.mask | (U64_MAX ^ U32_MAX)))
    if bits is None:
        raise Impossible
    return settled(a.whole, low, bits)


def _left(operator: str, a: Bounds, b: Bounds) -> Bounds:
    match operator:
        case "==":
            return b
        case "!=" if b.constant is not None:  # takes the end off a range
            return Bounds(
                a.smin + (a.smin == b.smin),
                a.smax - (a.smax == b.smin),
                a.umin + (a.umin == b.umin),
                a.umax - (a.umax == b.umin),
            )
        case "<":
            return a._replace(umax=b.umax - 1)
        case "<=":
            return a._replace(umax=b.umax)
        case ">":
            return a._replace(umin=b.umin + 1)
        case ">=":
            return a._replace(umin=b.umin)
        case "s<":
            return a._replace(smax=b.smax - 1)
        case "s<=":
            return a._replace(smax=b.smax)
        case "s>":
            return a._replace(smin=b.smin + 1)
        case "s>=":
            return a._replace(smin=b.smin)
    return a
