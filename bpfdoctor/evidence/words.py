"""The jinja2 filters a rule's lines may use: numbers and states in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpfdoctor.model.trace import RegState


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 byte`, `2 bytes`, `0 entries`."""
    return f"{number} {noun if abs(number) == 1 else plural or noun + 's'}"


def spelled(number: int) -> str:
    """Numbers as a reader wants them: hex for masks and addresses, digits for sizes and indices."""
    return str(number) if -(1 << 20) < number < (1 << 20) else hex(number)


def listed(items: Any, last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    words = [str(item) for item in items]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def words(state: RegState) -> str:
    """What is known of a value: `0..255, a multiple of 4`."""
    from bpfdoctor.trace.ranges import in_words

    return in_words(state)


FILTERS: dict[str, Callable[..., str]] = {
    "count": count,
    "spelled": spelled,
    "listed": listed,
    "words": words,
}
