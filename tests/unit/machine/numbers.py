"""Numbers of which something is known, with one that they hold, for the tests of this folder."""

from __future__ import annotations

from hypothesis import strategies as st

from bpfdoctor.machine import tnum
from bpfdoctor.machine.bits import S64_MAX, S64_MIN, U32_MAX, U64_MAX, signed, unsigned
from bpfdoctor.machine.number import Bounds, Number, settled
from bpfdoctor.model.trace import Tnum

_EDGES = (0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, U32_MAX - 1, U32_MAX, U32_MAX + 1, 1 << 62, S64_MAX)
VALUES = (
    st.sampled_from([*_EDGES, *(-each for each in _EDGES)])
    | st.integers(0, 300)
    | st.integers(S64_MIN, S64_MAX)
)


def _around(draw: st.DrawFn, value: int, width: int) -> Bounds:
    """Limits that hold the value, some of them close to it and some as far away as can be."""
    least, most = -(1 << (width - 1)), (1 << (width - 1)) - 1
    slack = st.integers(0, 20) | st.just(1 << 64)
    low, high = signed(value, width), unsigned(value, width)
    return Bounds(
        max(least, low - draw(slack)),
        min(most, low + draw(slack)),
        max(0, high - draw(slack)),
        min((1 << width) - 1, high + draw(slack)),
    )


@st.composite
def parts(draw: st.DrawFn) -> tuple[Bounds, Bounds, Tnum, int]:
    """Limits in 64 and in 32 bits, known bits, and a signed value that all of them hold."""
    value = draw(VALUES)
    mask = draw(st.sampled_from([0, 1, 7, 8, 0xFF, 0xF0, U32_MAX, U64_MAX ^ U32_MAX, U64_MAX, 1 << 63]))
    bits = tnum.UNKNOWN if mask == U64_MAX else Tnum(value & U64_MAX & ~mask, mask)
    return _around(draw, value, 64), _around(draw, value, 32), bits, value


@st.composite
def numbers(draw: st.DrawFn) -> tuple[Number, int]:
    """A number, and a signed value that it holds."""
    whole, low, bits, value = draw(parts())
    return settled(whole, low, bits), value
