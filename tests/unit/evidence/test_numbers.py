"""Arithmetic on limits holds for every number between them."""

import operator as operators
from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.evidence.numbers import FULL, Limits, arithmetic, compared, meet
from bpfdoctor.kernel.comparisons import swapped

U64, U32 = (1 << 64) - 1, (1 << 32) - 1
EDGES = (0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, U32 - 1, U32, U32 + 1, (1 << 62), (1 << 63) - 1)
NUMBERS = st.sampled_from([*EDGES, *(-each for each in EDGES)]) | st.integers(-(1 << 63), (1 << 63) - 1)


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
        "-": lambda: -a,
    }[operator]()
    return signed(result & mask)


@st.composite
def between(draw: st.DrawFn) -> tuple[tuple[int, int], int]:
    least, number, most = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    return (least, most), number


OPERATORS = ("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "s>>=", "-")


@given(st.sampled_from(OPERATORS), between(), between(), st.sampled_from((32, 64)))
def test_the_result_lies_between_the_limits(
    operator: str, left: tuple[tuple[int, int], int], right: tuple[tuple[int, int], int], width: int
) -> None:
    limits = arithmetic(operator, left[0], right[0], width)
    assert limits[0] <= as_cpu(operator, left[1], right[1], width) <= limits[1]


COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "s<", "s<=", "s>", "s>=")


def holds(operator: str, left: int, right: int) -> bool:
    if not operator.startswith("s") and operator not in ("==", "!="):
        left, right = left & U64, right & U64
    plain = operator.removeprefix("s")
    return {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[plain]


@given(st.sampled_from(COMPARISONS), between(), between())
def test_a_comparison_leaves_what_was_compared(
    operator: str, left: tuple[tuple[int, int], int], right: tuple[tuple[int, int], int]
) -> None:
    outcome = holds(operator, left[1], right[1])
    kept = compared(operator, outcome, left[0], right[0])
    assert kept[0] <= left[1] <= kept[1]
    kept = compared(swapped(operator), outcome, right[0], left[0])
    assert kept[0] <= right[1] <= kept[1]


# The limits are the narrowest that hold, tried with all small ones.

SMALL = [*combinations_with_replacement(range(-4, 5), 2)]
NATURAL = [limits for limits in SMALL if limits[0] >= 0]
PLAIN: dict[str, Callable[[int, int], bool]] = {
    "==": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def inside(limits: Limits) -> range:
    return range(limits[0], limits[1] + 1)


def hull(numbers: Iterator[int]) -> Limits | None:
    found = [*numbers]
    return (min(found), max(found)) if found else None


@pytest.mark.parametrize("outcome", [True, False])
@pytest.mark.parametrize("operator", COMPARISONS)
def test_a_comparison_leaves_no_more_than_was_compared(operator: str, outcome: bool) -> None:
    signed_or_equal = operator.startswith("s") or operator in ("==", "!=")
    ranges = SMALL if signed_or_equal else NATURAL
    holds = PLAIN[operator.removeprefix("s")]
    for a, b in product(ranges, ranges):
        if (operator == "==") is not outcome and operator in ("==", "!=") and b[0] != b[1]:
            assert compared(operator, outcome, a, b) == a  # "other than one of these" says nothing
            continue
        kept = compared(operator, outcome, a, b)
        exact = hull(x for x in inside(a) if any(holds(x, y) is outcome for y in inside(b)))
        assert kept == exact if exact else kept[0] > kept[1], (a, b)


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
def test_an_unsigned_comparison_says_nothing_of_what_may_be_negative(operator: str) -> None:
    for a, b in product(SMALL, SMALL):
        kept = compared(operator, True, a, b)
        if b[0] < 0:
            assert kept == a
        elif a[0] < 0:  # below a small number no huge one fits
            assert kept == (meet(a, (0, b[1] - (operator == "<"))) if operator in ("<", "<=") else a)


@pytest.mark.parametrize("operator", ["+=", "-=", "*=", "-"])
def test_sums_and_products_have_no_wider_limits(operator: str) -> None:
    known = {"+=": operators.add, "-=": operators.sub, "*=": operators.mul}
    compute: Callable[[int, int], int] = known.get(operator, lambda x, _: -x)
    for a, b in product(SMALL, SMALL):
        assert arithmetic(operator, a, b, 64) == hull(compute(x, y) for x in inside(a) for y in inside(b))


@pytest.mark.parametrize("operator", ["/=", "<<=", ">>=", "s>>="])
def test_quotients_and_shifts_have_no_wider_limits(operator: str) -> None:
    for a, b in product(NATURAL, NATURAL):
        if operator == "/=" and b[0] > 0:
            exact = hull(x // y for x in inside(a) for y in inside(b))
        elif operator != "/=" and b[0] == b[1]:
            exact = hull(x << b[0] if operator == "<<=" else x >> b[0] for x in inside(a))
        else:
            exact = FULL  # divided by 0, or shifted by an unknown number
        assert arithmetic(operator, a, b, 64) == exact, (a, b)
    assert arithmetic("s>>=", (-8, 8), (1, 1), 64) == (-4, 4)
    assert arithmetic(">>=", (-1, 8), (1, 1), 64) == (0, (1 << 63) - 1)
    assert arithmetic(">>=", (0, 1 << 62), (63, 63), 64) == (0, 0)
    assert arithmetic("<<=", (0, 1), (63, 63), 64) == FULL
    assert arithmetic("<<=", (0, 1), (62, 62), 64) == (0, 1 << 62)
    assert arithmetic("<<=", (0, 0), (64, 64), 64) == FULL


@pytest.mark.parametrize(
    ("operator", "a", "b", "limits"),
    [
        ("%=", (0, 100), (1, 8), (0, 7)),
        ("%=", (0, 3), (8, 8), (0, 3)),
        ("%=", (-1, 3), (8, 8), (0, 7)),  # -1 is a huge number
        ("%=", (0, 3), (0, 8), FULL),  # a divisor of 0 leaves the number as it is
        ("/=", (-1, 3), (4, 8), (0, U64 // 4)),
        ("&=", (-8, 100), (0, 15), (0, 15)),
        ("&=", (0, 7), (-8, -1), (0, 7)),
        ("&=", (0, 7), (0, 15), (0, 7)),
        ("&=", (-1, 7), (-1, 15), FULL),
        ("|=", (3, 8), (1, 2), (3, 15)),
        ("|=", (0, 8), (-1, 2), FULL),
        ("^=", (3, 8), (1, 2), (0, 15)),
        ("^=", (0, 0), (0, 0), (0, 0)),
        ("+=", (0, (1 << 63) - 1), (0, 1), FULL),
        ("-=", (-(1 << 63), 0), (1, 1), FULL),
        ("+=", (0, (1 << 63) - 2), (1, 1), (1, (1 << 63) - 1)),
    ],
)
def test_the_limits_of_one_operation(operator: str, a: Limits, b: Limits, limits: Limits) -> None:
    assert arithmetic(operator, a, b, 64) == limits


@pytest.mark.parametrize(
    ("operator", "a", "b", "limits"),
    [
        ("+=", (0, 7), (1, 2), (1, 9)),
        ("+=", (0, U32), (1, 1), (0, U32)),  # may wrap around
        ("+=", (5, 7), (-1, -1), (4, 6)),  # a negative constant is a subtraction
        ("-=", (5, 7), (1, 1), (4, 6)),
        ("-=", (5, 7), (-2, -1), (0, U32)),
        ("+=", (-1, 7), (1, 1), (0, U32)),  # the upper half is not part of it
        ("&=", (-1, 1 << 40), (0, 15), (0, 15)),
        ("&=", (0, 7), (-1, 1), (0, U32)),
        (">>=", (0, U32), (4, 4), (0, U32 >> 4)),
    ],
)
def test_the_limits_of_one_operation_on_32_bits(operator: str, a: Limits, b: Limits, limits: Limits) -> None:
    assert arithmetic(operator, a, b, 32) == limits
