"""What is certain of a number: its limits, signed and unsigned, in 64 and in 32 bits, and its known bits."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from bpfdoctor.machine import tnum
from bpfdoctor.machine.bits import (
    S32_MAX,
    S32_MIN,
    S64_MAX,
    S64_MIN,
    U32_MAX,
    U64_MAX,
    signed,
    unsigned,
)
from bpfdoctor.model.trace import Range, RegState, Tnum


class Bounds(NamedTuple):
    """Signed and unsigned limits of one number, all inclusive."""

    smin: int
    smax: int
    umin: int
    umax: int

    @property
    def constant(self) -> int | None:
        return self.smin if self.smin == self.smax else None

    @property
    def is_empty(self) -> bool:
        return self.smin > self.smax or self.umin > self.umax


FULL = Bounds(S64_MIN, S64_MAX, 0, U64_MAX)
FULL_32 = Bounds(S32_MIN, S32_MAX, 0, U32_MAX)


class Number(NamedTuple):
    """A set of numbers: those inside all limits, with the known bits."""

    whole: Bounds = FULL
    low: Bounds = FULL_32  # of the lower 32 bits
    bits: Tnum = tnum.UNKNOWN

    @property
    def constant(self) -> int | None:
        return self.whole.constant

    @property
    def is_small(self) -> bool:
        """Whether the upper 32 bits are 0."""
        return self.whole.umax <= U32_MAX

    def holds(self, value: int) -> bool:
        """Whether the number may be this one."""
        whole, half = unsigned(value), unsigned(value, 32)
        return (
            self.whole.umin <= whole <= self.whole.umax
            and self.whole.smin <= signed(value) <= self.whole.smax
            and self.low.umin <= half <= self.low.umax
            and self.low.smin <= signed(value, 32) <= self.low.smax
            and (whole ^ self.bits.value) & ~self.bits.mask & U64_MAX == 0
        )


UNKNOWN = Number()


class Impossible(Exception):
    """No number is left: what was assumed contradicts itself."""


def exactly(value: int) -> Number:
    """A constant of 64 bits, signed or unsigned."""
    return Number(_only(value, 64), _only(value, 32), tnum.constant(value))


def _only(value: int, width: int) -> Bounds:
    low, high = signed(value, width), unsigned(value, width)
    return Bounds(low, low, high, high)


def between(least: int, most: int) -> Number:
    """All numbers between two signed ones; all there are where these do not fit."""
    if least < S64_MIN or most > S64_MAX:
        return UNKNOWN
    return settled(Bounds(least, most, 0, U64_MAX))


def of_size(size: int, *, is_signed: bool = False) -> Number:
    """What `size` bytes of memory may hold."""
    if size >= 8:
        return UNKNOWN
    bits = 8 * size
    return between(-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if is_signed else between(0, (1 << bits) - 1)


def of(register: RegState) -> Number:
    """The value of a scalar, or the part of a pointer's offset that varies."""
    return exactly(register.value) if register.value is not None else printed(register.range)


@lru_cache(maxsize=1024)
def printed(range: Range) -> Number:
    """What the kernel printed, and what follows from it."""
    return settled(bounds(range), bounds32(range), range.var_off or tnum.UNKNOWN)


def as_range(number: Number) -> Range:
    return Range(*number.whole, *number.low, number.bits)


def bounds(register: RegState | Range) -> Bounds:
    """The 64-bit limits as printed of a scalar, or of the variable part of a pointer's offset.

    Those that are not printed are the ones that the others and the known bits leave.
    """
    if isinstance(register, RegState):
        if register.value is not None:
            return _only(register.value, 64)
        register = register.range
    known = register.var_off or tnum.UNKNOWN
    umin = max(register.umin or 0, known.value)
    umax = min(U64_MAX if register.umax is None else register.umax, known.value | known.mask)
    smin = S64_MIN if register.smin is None else register.smin
    smax = S64_MAX if register.smax is None else register.smax
    return _agreed(Bounds(smin, smax, umin, umax), 64)


def signed_limits(register: RegState | Range) -> tuple[int | None, int | None]:
    """Least and most as signed 64-bit numbers; None where nothing limits that side."""
    known = bounds(register)
    least = None if known.smin == S64_MIN else known.smin
    return least, None if known.smax == S64_MAX else known.smax


def bounds32(register: RegState | Range) -> Bounds:
    """The limits of the lower 32 bits."""
    if isinstance(register, RegState):
        if register.value is not None:
            return _only(register.value, 32)
        register = register.range
    known = tnum.low(register.var_off or tnum.UNKNOWN)
    umin = max(register.umin32 or 0, known.value)
    umax = min(U32_MAX if register.umax32 is None else register.umax32, known.value | known.mask)
    smin = S32_MIN if register.smin32 is None else register.smin32
    smax = S32_MAX if register.smax32 is None else register.smax32
    return _agreed(_lower_half(bounds(register), Bounds(smin, smax, umin, umax)), 32)


def _lower_half(whole: Bounds, low: Bounds) -> Bounds:
    """What the limits of a number say of its lower 32 bits."""
    smin, smax, umin, umax = low
    if whole.umax <= U32_MAX:
        umin, umax = max(umin, whole.umin), min(umax, whole.umax)
    if whole.smin >= S32_MIN and whole.smax <= S32_MAX:
        smin, smax = max(smin, whole.smin), min(smax, whole.smax)
    return Bounds(smin, smax, umin, umax)


def _agreed(limits: Bounds, width: int) -> Bounds:
    """Signed limits from unsigned ones and the other way round, where the sign is certain."""
    smin, smax, umin, umax = limits
    top = (1 << (width - 1)) - 1
    if umax <= top or umin > top:
        smin, smax = max(smin, signed(umin, width)), min(smax, signed(umax, width))
    if smin >= 0 or smax < 0:
        umin, umax = max(umin, unsigned(smin, width)), min(umax, unsigned(smax, width))
    return Bounds(smin, smax, umin, umax)


def settled(whole: Bounds = FULL, low: Bounds = FULL_32, bits: Tnum = tnum.UNKNOWN) -> Number:
    """The number of which all of this is true, with what each says of the others (reg_bounds_sync).

    Raises Impossible where there is none.
    """
    for _ in range(2):
        whole = _agreed(meet_bounds(whole, _of_bits(bits, 64)), 64)
        low = _agreed(meet_bounds(_lower_half(whole, low), _of_bits(tnum.low(bits), 32)), 32)
        if whole.is_empty or low.is_empty:
            raise Impossible
        if whole.umax <= U32_MAX:  # the lower half is all there is
            whole = _agreed(meet_bounds(whole, Bounds(S64_MIN, S64_MAX, low.umin, low.umax)), 64)
        if whole.is_empty:
            raise Impossible
        half = tnum.between(low.umin, low.umax)
        found = tnum.meet(bits, tnum.between(whole.umin, whole.umax))
        found = found and tnum.meet(found, Tnum(half.value, half.mask | (U64_MAX ^ U32_MAX)))
        if found is None:
            raise Impossible
        if found == bits:
            break
        bits = found
    return Number(whole, low, bits)


def _of_bits(bits: Tnum, width: int) -> Bounds:
    least, most, sign = bits.value, bits.value | bits.mask, 1 << (width - 1)
    smin = signed(least | (bits.mask & sign), width)
    smax = signed(most & ~(bits.mask & sign), width)
    return Bounds(smin, smax, least, most)


def meet_bounds(a: Bounds, b: Bounds) -> Bounds:
    return Bounds(max(a.smin, b.smin), min(a.smax, b.smax), max(a.umin, b.umin), min(a.umax, b.umax))


def _join_bounds(a: Bounds, b: Bounds) -> Bounds:
    return Bounds(min(a.smin, b.smin), max(a.smax, b.smax), min(a.umin, b.umin), max(a.umax, b.umax))


def meet(a: Number, b: Number) -> Number:
    """What both are. Raises Impossible where nothing is."""
    bits = tnum.meet(a.bits, b.bits)
    if bits is None:
        raise Impossible
    return settled(meet_bounds(a.whole, b.whole), meet_bounds(a.low, b.low), bits)


def join(a: Number, b: Number) -> Number:
    """What one of them is."""
    return Number(_join_bounds(a.whole, b.whole), _join_bounds(a.low, b.low), tnum.join(a.bits, b.bits))
