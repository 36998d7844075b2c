"""Arithmetic on limits holds for every number between them."""

from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.evidence.numbers import arithmetic, compared
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
