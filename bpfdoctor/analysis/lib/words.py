"""Numbers, states and lists in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpfdoctor.model.picture import Part, PartKind
from bpfdoctor.model.trace import RegState
from bpfdoctor.trace.digits import spelled

_MOST_NAMED = 4
_HUGE = 1 << 62  # a limit that is only the number's width, moved or scaled


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 byte`, `2 bytes`, `0 entries`."""
    return f"{number} {noun if abs(number) == 1 else plural or noun + 's'}"


def span(least: int | None, most: int | None) -> str:
    """What two limits leave: `8..15`, `8`, `0 or more`, `a negative number or 0..7`; None: no limit."""
    if least is None:
        positive = most is not None and 0 <= most < _HUGE
        return (
            f"a negative number or 0..{spelled(most or 0)}" if positive else "any number, also a negative one"
        )
    if most is None or most >= _HUGE:
        return f"{spelled(least)} or more"
    return spelled(least) if least == most else f"{spelled(least)}..{spelled(most)}"


def register(name: str) -> str:
    """`R1` for "r1"; what a message calls otherwise (arg#1, *(R11-8)) stays as it is."""
    return name.upper() if name.startswith("r") else name


def listed(items: Any, last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    words = [str(item) for item in items]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def words(state: RegState) -> str:
    """What is known of a value: `0..255, a multiple of 4`."""
    from bpfdoctor.trace.ranges import in_words

    return in_words(state)


def unwritten(parts: Iterable[Part]) -> str:
    """Members and padding that were not written: `mark and 2 bytes of padding after protocol`."""
    missing = list(parts)
    if len(missing) <= _MOST_NAMED:
        return listed((_unwritten(part) for part in missing), "and")
    members = [part for part in missing if part.kind is PartKind.MEMBER] or missing
    named = ", ".join(_unwritten(part) for part in members[: _MOST_NAMED - 1])
    total = sum(part.row.count(".") for part in missing)
    return f"{named} and {len(missing) - _MOST_NAMED + 1} more, {count(total, 'byte')} in all"


def _unwritten(part: Part) -> str:
    missing = part.row.count(".")
    if part.kind is PartKind.PADDING:
        return f"{count(missing, 'byte')} of padding" + (f" after {part.name}" if part.name else "")
    if part.kind is PartKind.MEMBER and part.name:
        return part.name if missing == part.size else f"{count(missing, 'byte')} of {part.name}"
    behind = f" after {part.name}" if part.kind is PartKind.BEYOND and part.name else ""
    return count(missing, "byte") + behind
