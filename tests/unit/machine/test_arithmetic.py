"""Whatever the machine computes from numbers holds what a processor computes from any values inside."""

import operator as operators
from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.machine import arithmetic as machine
from bpfdoctor.machine.arithmetic import arithmetic
from bpfdoctor.machine.bits import S64_MAX, S64_MIN, U32_MAX, U64_MAX
from bpfdoctor.machine.number import FULL, Number, between, exactly
from tests.unit.machine.numbers import numbers

OPERATORS = ("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "s>>=")
WIDTHS = st.sampled_from((32, 64))
Limits = tuple[int, int]


def signed(number: int, width: int = 64) -> int:
    number &= (1 << width) - 1
    return number - (1 << width) if number >> (width - 1) else number


def as_cpu(operator: str, left: int, right: int, width: int) -> int:
    """The instruction, as kernel/bpf/core.c interprets it; the result as a signed 64-bit number."""
    mask, a, b = (1 << width) - 1, left & (1 << width) - 1, right & (1 << width) - 1
    result = {
        "+=": lambda: a + b,
        "-=": lambda: a - b,
        "*=": lambda: a * b,
        "/=": lambda: a // b if b else 0,
        "%=": lambda: a % b if b else a,
        "&=": lambda: a & b,
        "|=": lambda: a | b,
        "^=": lambda: a ^ b,
        "<<=": lambda: a << (b & (width - 1)),
        ">>=": lambda: a >> (b & (width - 1)),
        "s>>=": lambda: signed(a, width) >> (b & (width - 1)),
    }[operator]()
    return signed(result & mask)


@given(st.sampled_from(OPERATORS), numbers(), numbers(), WIDTHS)
def test_a_result_holds_what_the_processor_computes(
    operator: str, left: tuple[Number, int], right: tuple[Number, int], width: int
) -> None:
    found = arithmetic(operator, left[0], right[0], width)
    assert found.holds(as_cpu(operator, left[1], right[1], width))


@given(numbers(), st.sampled_from(OPERATORS), st.integers(0, 70) | st.integers(-9, -1), WIDTHS)
def test_so_does_one_with_a_constant(left: tuple[Number, int], operator: str, by: int, width: int) -> None:
    found = arithmetic(operator, left[0], exactly(by), width)
    assert found.holds(as_cpu(operator, left[1], by, width))


@given(numbers(), WIDTHS)
def test_a_negated_number(number: tuple[Number, int], width: int) -> None:
    assert machine.negated(number[0], width).holds(as_cpu("-=", 0, number[1], width))


@given(numbers())
def test_the_lower_half(number: tuple[Number, int]) -> None:
    assert machine.lower_half(number[0]).holds(number[1] & U32_MAX)


@given(numbers(), st.sampled_from((8, 16, 32)), WIDTHS)
def test_a_sign_extended_number(number: tuple[Number, int], bits: int, width: int) -> None:
    assert machine.extended(number[0], bits, width).holds(signed(number[1], bits) & ((1 << width) - 1))


@given(numbers(), st.sampled_from((2, 4, 8)))
def test_swapped_bytes(number: tuple[Number, int], size: int) -> None:
    data = (number[1] & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    assert machine.swapped(number[0], size).holds(int.from_bytes(data, "big"))


# The limits are the narrowest that hold, tried with all small ones.

SMALL = [*combinations_with_replacement(range(-4, 5), 2)]
NATURAL = [limits for limits in SMALL if limits[0] >= 0]


def limits(operator: str, a: Limits, b: Limits, width: int = 64) -> Limits:
    found = arithmetic(operator, between(*a), between(*b), width).whole
    return found.smin, found.smax


def hull(numbers: Iterator[int]) -> Limits:
    found = [*numbers]
    return min(found), max(found)


def inside(limits: Limits) -> range:
    return range(limits[0], limits[1] + 1)


@pytest.mark.parametrize("operator", ["+=", "-=", "*="])
def test_sums_and_products_have_no_wider_limits(operator: str) -> None:
    compute: Callable[[int, int], int] = {"+=": operators.add, "-=": operators.sub, "*=": operators.mul}[
        operator
    ]
    for a, b in product(SMALL, SMALL):
        assert limits(operator, a, b) == hull(compute(x, y) for x in inside(a) for y in inside(b)), (a, b)


@pytest.mark.parametrize("operator", ["/=", "<<=", ">>=", "s>>="])
def test_quotients_and_shifts_have_no_wider_limits(operator: str) -> None:
    for a, b in product(NATURAL, NATURAL):
        if operator == "/=" and b[0] > 0:
            assert limits(operator, a, b) == hull(x // y for x in inside(a) for y in inside(b)), (a, b)
        elif operator != "/=" and b[0] == b[1]:
            exact = hull(x << b[0] if operator == "<<=" else x >> b[0] for x in inside(a))
            assert limits(operator, a, b) == exact, (a, b)
        elif operator != "/=":  # shifted by an unknown number
            assert limits(operator, a, b) == FULL[:2]


@pytest.mark.parametrize(
    ("operator", "a", "b", "exact"),
    [
        ("%=", (0, 100), (1, 8), (0, 7)),
        ("%=", (0, 3), (8, 8), (0, 3)),
        ("%=", (-1, 3), (8, 8), (0, 7)),  # -1 is a huge number
        ("%=", (0, 3), (0, 8), FULL[:2]),  # a divisor of 0 leaves the number as it is
        ("/=", (-1, 3), (4, 8), (0, U64_MAX // 4)),
        ("&=", (-8, 100), (0, 15), (0, 15)),
        ("&=", (0, 7), (-8, -1), (0, 7)),
        ("&=", (0, 7), (0, 15), (0, 7)),
        ("&=", (-1, 7), (-1, 15), FULL[:2]),
        ("|=", (3, 8), (1, 2), (3, 15)),
        ("|=", (0, 8), (-1, 2), FULL[:2]),
        ("^=", (3, 8), (1, 2), (0, 15)),
        ("^=", (0, 0), (0, 0), (0, 0)),
        ("+=", (0, S64_MAX), (0, 1), FULL[:2]),
        ("-=", (S64_MIN, 0), (1, 1), FULL[:2]),
        ("+=", (0, S64_MAX - 1), (1, 1), (1, S64_MAX)),
        ("s>>=", (-8, 8), (1, 1), (-4, 4)),
        (">>=", (-1, 8), (1, 1), (0, S64_MAX)),
        (">>=", (0, 1 << 62), (63, 63), (0, 0)),
        ("<<=", (0, 1), (63, 63), (S64_MIN, 0)),  # 1 becomes the sign
        ("<<=", (0, 1), (62, 62), (0, 1 << 62)),
    ],
)
def test_the_limits_of_one_operation(operator: str, a: Limits, b: Limits, exact: Limits) -> None:
    assert limits(operator, a, b) == exact


@pytest.mark.parametrize(
    ("operator", "a", "b", "exact"),
    [
        ("+=", (0, 7), (1, 2), (1, 9)),
        ("+=", (0, U32_MAX), (1, 1), (0, U32_MAX)),  # may wrap around
        ("+=", (5, 7), (-1, -1), (4, 6)),  # a negative constant is a subtraction
        ("-=", (5, 7), (1, 1), (4, 6)),
        ("-=", (5, 7), (6, 6), (0, U32_MAX)),
        ("+=", (-1, 7), (1, 1), (0, 8)),  # -1 is 0xffffffff there, and wraps around
        ("&=", (-1, 1 << 40), (0, 15), (0, 15)),
        (">>=", (0, U32_MAX), (4, 4), (0, U32_MAX >> 4)),
    ],
)
def test_the_limits_of_one_operation_on_32_bits(operator: str, a: Limits, b: Limits, exact: Limits) -> None:
    assert limits(operator, a, b, 32) == exact


def test_known_bits_survive_arithmetic() -> None:
    even = arithmetic("<<=", between(0, 100), exactly(1), 64)
    assert even.bits.value & 1 == 0 and even.bits.mask & 1 == 0
    odd = arithmetic("+=", even, exactly(1), 64)
    assert odd.bits.value & 1 == 1 and odd.bits.mask & 1 == 0
    assert arithmetic("&=", odd, exactly(1), 64) == exactly(1)
