"""The smallest program that is still refused in the same way: parts are left out as long as it is."""

from __future__ import annotations

from collections.abc import Callable

from bpfdoctor.source import parts
from bpfdoctor.source.parts import Part

_PASSES = (parts.declared, parts.statements, parts.unwrapped, parts.details)


class Reduction:
    """One run. `is_same(text)` tells whether a text is refused as the first one is, `is_over()` ends it."""

    def __init__(self, is_same: Callable[[str], bool], is_over: Callable[[], bool]) -> None:
        self.tries = 0
        self._is_same, self._is_over = is_same, is_over
        self._known: dict[str, bool] = {}

    def smallest(self, text: str) -> str:
        """Of what was tried in time, the shortest text that is refused in the same way: `text` at worst.

        When time is not what ended it, no part can be left out of it any more by itself.
        """
        plain = parts.without_comments(text)
        text = plain if self._keeps(plain) else text
        while not self._is_over():
            before = text
            for found in _PASSES:
                text = self._without(text, found)
            if text == before:
                break
        return text

    def _without(self, text: str, found: Callable[[str], list[Part]]) -> str:
        """Leaves out many parts at once first, then fewer, then one by one."""
        many = len(found(text))
        while many >= 1:
            at = 0
            while not self._is_over():
                there = found(text)
                if at >= len(there):
                    break
                shorter = _replaced(text, there[at : at + many])
                if shorter != text and self._keeps(shorter):
                    text = shorter  # what follows has moved to where this was
                else:
                    at += many
            many //= 2
        return text

    def _keeps(self, text: str) -> bool:
        if text not in self._known:
            self.tries += 1
            self._known[text] = self._is_same(text)
        return self._known[text]


def _replaced(text: str, there: list[Part]) -> str:
    """The text with parts replaced; of parts inside others only the outer ones."""
    made, at = [], 0
    for part in sorted(there, key=lambda each: (each.start, -each.end)):
        if part.start >= at:
            made += [text[at : part.start], part.instead]
            at = part.end
    return parts.tidy("".join([*made, text[at:]]))
