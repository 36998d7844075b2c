"""Versions of kernels and of packages: compared by their numbers."""

from __future__ import annotations

import re

from bpfdoctor.pattern import later

_NUMBER = later(r"\d+")


def numbers(version: str) -> tuple[int, ...]:
    """(6, 12, 117) of "6.12.117-1~deb12u1" and "v6.12.117": what follows the first dash does not count."""
    return tuple(map(int, _NUMBER.findall(re.split("[-~+]", version, maxsplit=1)[0])))


def series(version: str) -> tuple[int, ...]:
    """(6, 12) of "6.12.117"."""
    return numbers(version)[:2]
