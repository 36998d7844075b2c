"""Conditions: what must be true of a message's values, or of what else a log shows.

    off + size <= 0                 two sums of values and numbers, compared
    made is load or sum             the value is one of these words; `unknown`: the log does not tell it
    made is known                   there is such a value
    kind has rdonly                 the word contains this
    not made is load                any of them, the other way round

A comparison with a value that is unknown, or that is no number, is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from bpfdoctor.pattern import later

_OPERATORS = {"<=": le, ">=": ge, "==": eq, "!=": ne, "<": lt, ">": gt}
_COMPARED = later(r"([^<>=!]+)(<=|>=|==|!=|<|>)([^<>=!]+)")
_TERM = later(r"\s*([+-]?)\s*([a-z_]\w*|\d+)\s*")
_SAID = later(r"([a-z_]\w*) (is|has) ([^\s<>=!]+(?: or [^\s<>=!]+)*)")
_NOT, _UNKNOWN, _KNOWN = "not ", "unknown", "known"


class ConditionError(ValueError):
    """A condition that does not read as one."""


def check(condition: str) -> set[str]:
    """The names of the values it speaks of. Raises ConditionError."""
    condition = condition.removeprefix(_NOT)
    if said := _SAID.fullmatch(condition):
        return {said[1]}
    left, _, right = _split(condition)
    return names_in(left) | names_in(right)


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether it is true of these values; one that is missing, None or "" is unknown."""
    if condition.startswith(_NOT):
        return not holds(condition.removeprefix(_NOT), values)
    if said := _SAID.fullmatch(condition):
        name, how, words = said.groups()
        return _is(how, values.get(name), words.split(" or "))
    left, operator, right = _split(condition)
    a, b = _sum(left, values), _sum(right, values)
    return a is not None and b is not None and bool(_OPERATORS[operator](a, b))


def _is(how: str, value: Any, words: list[str]) -> bool:
    if value is None or value == "":
        return how == "is" and _UNKNOWN in words
    if how == "has":
        return any(word in str(value) for word in words)
    return _KNOWN in words or str(value) in words


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
    if not (found := _COMPARED.fullmatch(condition)):
        raise ConditionError(
            f"{condition!r} is neither two sums and one of {' '.join(_OPERATORS)} between them, nor "
            "`NAME is WORD or WORD`, nor `NAME has WORD`"
        )
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
