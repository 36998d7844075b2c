"""What must be true of the numbers in a message: `off + size <= 0`, where the words alone fit two rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

_OPERATORS = {"<=": le, ">=": ge, "==": eq, "!=": ne, "<": lt, ">": gt}
_CONDITION = re.compile(r"([^<>=!]+)(<=|>=|==|!=|<|>)([^<>=!]+)")
_TERM = re.compile(r"\s*([+-]?)\s*([a-z_]\w*|\d+)\s*")


class ConditionError(ValueError):
    """A condition that does not read as sums of numbers and values, compared."""


def check(condition: str) -> set[str]:
    """The names of the values it speaks of. Raises ConditionError."""
    left, _, right = _split(condition)
    return {term for side in (left, right) for _, term in _terms(side) if not term.isdigit()}


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether it is true of these values; a value that is no number makes it false."""
    left, operator, right = _split(condition)
    a, b = _sum(left, values), _sum(right, values)
    return a is not None and b is not None and bool(_OPERATORS[operator](a, b))


def names_in(total: str) -> set[str]:
    """The names of the values in a sum. Raises ConditionError."""
    return {term for _, term in _terms(total) if not term.isdigit()}


def sum_of(total: str, values: Mapping[str, Any]) -> int:
    """The sum's value. KeyError: a value is missing or is no number."""
    found = _sum(total, values)
    if found is None:
        raise KeyError(total)
    return found


def _split(condition: str) -> tuple[str, str, str]:
    if not (found := _CONDITION.fullmatch(condition)):
        raise ConditionError(f"{condition!r} is not two sums and one of {' '.join(_OPERATORS)} between them")
    left, operator, right = found.groups()
    return left, operator, right


def _terms(side: str) -> list[tuple[int, str]]:
    """(sign, value's name or digits) of `off + size - 8`."""
    terms = []
    position = 0
    while position < len(side):
        found = _TERM.match(side, position)
        if not found or (position and not found[1]):
            raise ConditionError(f"{side.strip()!r} is not a sum of values and numbers")
        terms.append((-1 if found[1] == "-" else 1, found[2]))
        position = found.end()
    return terms


def _sum(side: str, values: Mapping[str, Any]) -> int | None:
    total = 0
    for sign, term in _terms(side):
        value = int(term) if term.isdigit() else values.get(term)
        if not isinstance(value, int):
            return None
        total += sign * value
    return total
