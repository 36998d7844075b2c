"""A comparison decides what it must, and its outcome leaves every number for which it is so."""

import operator as operators
from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.machine.bits import S64_MAX, signed, unsigned
from bpfdoctor.machine.comparison import compared, decided
from bpfdoctor.machine.number import Impossible, Number, between, exactly
from tests.unit.machine.numbers import numbers

ORDERS = ("==", "!=", "<", "<=", ">", ">=", "s<", "s<=", "s>", "s>=")
COMPARISONS = (*ORDERS, "&")
PLAIN: dict[str, Callable[[int, int], bool]] = {
    "==": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
    "&": lambda a, b: a & b != 0,
}
Limits = tuple[int, int]


def holds(operator: str, left: int, right: int, width: int) -> bool:
    read = signed if operator.startswith("s") else unsigned
    return PLAIN[operator.removeprefix("s")](read(left, width), read(right, width))


@given(st.sampled_from(COMPARISONS), numbers(), numbers(), st.sampled_from((32, 64)))
def test_a_comparison_leaves_what_was_compared(
    operator: str, left: tuple[Number, int], right: tuple[Number, int], width: int
) -> None:
    (a, x), (b, y) = left, right
    outcome = holds(operator, x, y, width)
    assert decided(operator, a, b, width) in (None, outcome)
    kept, other = compared(operator, outcome, a, b, width)
    assert kept.holds(x) and other.holds(y)


# The limits are the narrowest that hold, tried with all small ones.

SMALL = [*combinations_with_replacement(range(-4, 5), 2)]


def inside(limits: Limits) -> range:
    return range(limits[0], limits[1] + 1)


def hull(numbers: Iterator[int]) -> Limits | None:
    found = [*numbers]
    return (min(found), max(found)) if found else None


def left(operator: str, outcome: bool, a: Limits, b: Limits) -> Limits | None:
    try:
        found, _ = compared(operator, outcome, between(*a), between(*b), 64)
    except Impossible:
        return None
    return found.whole.smin, found.whole.smax


@pytest.mark.parametrize("outcome", [True, False])
@pytest.mark.parametrize("operator", ORDERS)
def test_a_comparison_leaves_no_more_than_was_compared(operator: str, outcome: bool) -> None:
    signed_or_equal = operator.startswith("s") or operator in ("==", "!=")
    ranges = SMALL if signed_or_equal else [limits for limits in SMALL if limits[0] >= 0]
    holds = PLAIN[operator.removeprefix("s")]
    for a, b in product(ranges, ranges):
        if (operator == "==") is not outcome and operator in ("==", "!=") and b[0] != b[1]:
            continue  # "other than one of these" takes nothing away, or all where a is a constant
        exact = hull(x for x in inside(a) if any(holds(x, y) is outcome for y in inside(b)))
        found = left(operator, outcome, a, b)
        if exact is not None and any(holds(x, y) is outcome for x in inside(a) for y in inside(b)):
            assert found == exact, (a, b)
        else:
            assert found is None, (a, b)


def test_below_a_small_number_no_negative_one_fits() -> None:
    assert left("<", True, (-4, 4), (2, 2)) == (0, 1)
    assert left("<", True, (-4, 4), (-1, -1)) == (-4, 4)  # all but -1 are below that huge number


def test_a_tested_bit_is_known_afterwards() -> None:
    set_, _ = compared("&", True, between(0, 15), exactly(8), 64)
    assert (set_.whole.umin, set_.bits.value) == (8, 8)
    clear, _ = compared("&", False, between(0, 15), exactly(12), 64)
    assert clear.whole.umax == 3
    any_, _ = compared("&", True, between(0, 15), exactly(12), 64)
    assert any_ == between(0, 15)


def test_a_comparison_of_lower_halves_says_nothing_of_the_upper_ones() -> None:
    low, _ = compared("<", True, between(0, S64_MAX), exactly(8), 32)
    assert (low.low.umax, low.whole.umax) == (7, S64_MAX & ~0xFFFFFFFF | 7)
    small, _ = compared("<", True, between(0, 1000), exactly(8), 32)
    assert small.whole.umax == 7
