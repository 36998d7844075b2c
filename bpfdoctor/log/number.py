"""Numbers in a log: at most the 20 digits of 2^64. The grammars and the patterns know no longer ones."""

from __future__ import annotations

from bpfdoctor.grammar import DIGITS, NUMBER
from bpfdoctor.pattern import later

__all__ = ("NUMBER", "NUMBER_BYTES", "number", "position")

_WHOLE = later(rf"[+-]?(?:0x[0-9a-fA-F]{{1,16}}|[0-9]{{1,{DIGITS}}})")
NUMBER_BYTES = NUMBER.encode()
_LAST_PLACE = (1 << 31) - 1


def number(text: str) -> int:
    """ "0x1f", "-3" or "31" as an integer. Raises ValueError."""
    if _WHOLE.fullmatch(text) is None:
        raise ValueError("this is not a number that a kernel prints")
    return int(text, 16) if "x" in text else int(text)


def position(text: str) -> int:
    """A line or a column; 0, by which compilers say that there is none, for what no file can have."""
    found = number(text)
    return found if found <= _LAST_PLACE else 0
