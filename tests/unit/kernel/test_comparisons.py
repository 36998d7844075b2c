"""Comparison operators turned round."""

from __future__ import annotations

import operator

from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.kernel.comparisons import NEGATED, swapped

MEANS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
         ">=": operator.ge}  # fmt: skip
SMALL = st.integers(-3, 3)


@given(st.sampled_from(sorted(NEGATED)), SMALL, SMALL)
def test_a_comparison_negated_and_exchanged(comparison: str, left: int, right: int) -> None:
    meant = MEANS[comparison.removeprefix("s")]
    other, exchanged = NEGATED[comparison], swapped(comparison)
    assert other.startswith("s") == exchanged.startswith("s") == comparison.startswith("s")
    assert MEANS[other.removeprefix("s")](left, right) is not meant(left, right)
    assert MEANS[exchanged.removeprefix("s")](right, left) is meant(left, right)
