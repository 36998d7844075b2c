"""Versions of kernels and packages."""

from __future__ import annotations

import pytest

from bpfdoctor.kernel.versions import numbers, series


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("6.12.117-1~deb12u1", (6, 12, 117)),
        ("v4.20", (4, 20)),
        ("7.3~rc7-1~exp1", (7, 3)),
        ("5.10.0-30-cloud-amd64", (5, 10, 0)),
        ("6.1.0+mine2", (6, 1, 0)),
        ("", ()),
    ],
)
def test_the_numbers_of_a_version(version: str, found: tuple[int, ...]) -> None:
    assert numbers(version) == found


def test_series_compare_as_numbers() -> None:
    assert series("6.9.3") < series("6.12.1") == (6, 12)
