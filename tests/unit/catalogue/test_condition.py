"""Conditions on the values of a message, and on what a log shows."""

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


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("made is load", True),
        ("made is call or load", True),
        ("made is call", False),
        ("made is known", True),
        ("made is unknown", False),
        ("call is unknown", True),  # it is ""
        ("emptied is unknown or r1", True),  # it is not there
        ("call is known", False),
        ("call is bpf_loop", False),
        ("kind has rdonly", True),
        ("kind has map", False),
        ("call has map", False),
        ("not made is load", False),
        ("not made is call or sum", True),
        ("not call is bpf_loop", True),
        ("not missing > 0", True),
        ("size is 8", True),
    ],
)
def test_words_are_asked_for(condition: str, expected: bool) -> None:
    assert holds(condition, {"made": "load", "call": "", "kind": "rdonly_mem", "size": 8}) is expected


def test_the_values_it_speaks_of_are_known_beforehand() -> None:
    assert check("off + size - 8 <= limit") == {"off", "size", "limit"}
    assert check("not made is load or sum") == {"made"}


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "off",
        "off <",
        "off ** 2 < 4",
        "a < b < c",
        "off size < 3",
        "f(x) > 1",
        "a is",
        "a is b or",
        "is b",
    ],
)
def test_anything_else_is_refused(condition: str) -> None:
    with pytest.raises(ConditionError):
        check(condition)
