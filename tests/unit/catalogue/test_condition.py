"""Conditions on the numbers of a message."""

import pytest

from bpfdoctor.catalogue.condition import ConditionError, check, holds


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("off + size <= 0", True),
        ("off >= -512", True),
        ("off < -512", False),
        ("size == 8", True),
        ("size != 8", False),
        ("off + size - 8 > -17", True),
        ("0 < size", True),
        ("-8 >= size + off", True),
        ("missing > 0", False),
        ("name > 0", False),
    ],
)
def test_sums_are_compared(condition: str, expected: bool) -> None:
    assert holds(condition, {"off": -16, "size": 8, "name": "text"}) is expected


def test_the_values_it_speaks_of_are_known_beforehand() -> None:
    assert check("off + size - 8 <= limit") == {"off", "size", "limit"}


@pytest.mark.parametrize(
    "condition", ["", "off", "off <", "off ** 2 < 4", "a < b < c", "off size < 3", "f(x) > 1"]
)
def test_anything_else_is_refused(condition: str) -> None:
    with pytest.raises(ConditionError):
        check(condition)
