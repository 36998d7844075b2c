"""What a program finds when it runs: numbers, found or missing things, a packet. All from one seed.

A draw depends on the seed and on its label alone, never on when it is made: two versions of a program see the
same world, so that what they do can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from zlib import crc32

_T = TypeVar("_T")
_Bytes = bytes  # which is a method's name below
_FEW = 4  # words that are noted by themselves; of more, who reads them notes them


@dataclass(slots=True)
class Seen:
    """What a run asked its world for, in order: what could have been otherwise. Of longer pieces of memory it
    does not say which words mattered.
    """

    luck: dict[str, bool] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """One input. `numbers` are those that matter to the program: its constants, and their neighbours."""

    seed: int
    packet: bytes = b""
    numbers: Sequence[int] = (0, 1)
    #: What is found and succeeds: of 8 things so many (8: every lookup, every allocation).
    luck: int = 7
    #: What is given and not drawn, by label.
    given_luck: Mapping[str, bool] = field(default_factory=dict)
    given_numbers: Mapping[str, int] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen, compare=False, repr=False)
    #: Longer pieces of memory that were drawn already: two versions of a program ask for the same.
    _drawn: dict[tuple[str, int], _Bytes] = field(default_factory=dict, init=False, compare=False, repr=False)

    def draw(self, label: str) -> int:
        """Some 32 bits, as random as they need to be."""
        return crc32(b"%d:%s" % (self.seed, label.encode()))

    def pick(self, label: str, choices: Sequence[_T]) -> _T:
        return choices[self.draw(label) % len(choices)]

    def is_lucky(self, label: str) -> bool:
        """Whether something is there, or works."""
        given = self.given_luck.get(label)
        found = self.draw(label) % 8 < self.luck if given is None else given
        self.seen.luck[label] = found
        return found

    def stays(self, label: str) -> bool:
        """Whether something is as it was: nobody else changes it unless that is given."""
        found = self.seen.luck[label] = self.given_luck.get(label, True)
        return found

    def number(self, label: str, bits: int) -> int:
        """An unsigned number of `bits` bits that is likely to matter."""
        found = self.seen.numbers[label] = self._number(label, bits)
        return found

    def _number(self, label: str, bits: int) -> int:
        wide = self.given_numbers.get(label)
        if wide is None:
            drawn = self.draw(label)
            if drawn % 16 == 0:  # anything at all
                wide = drawn << 32 | self.draw(label + "'")
            else:
                wide = self.numbers[(drawn >> 4) % len(self.numbers)]
        return wide & ((1 << bits) - 1)

    def bytes(self, label: str, size: int) -> bytes:
        """Bytes in words of 4, each likely to matter, "LABEL+OFFSET"; zeros after the first 256."""
        words = min((size + 3) // 4, 64)
        if words <= _FEW:
            made = _words(label, words, self.number)
        elif (label, words) in self._drawn:
            made = self._drawn[label, words]
        else:
            made = self._drawn[label, words] = _words(label, words, self._number)
        return made[:size].ljust(size, b"\0")


def _words(label: str, count: int, drawn: Callable[[str, int], int]) -> bytes:
    return b"".join(drawn(f"{label}+{4 * i}", 32).to_bytes(4, "little") for i in range(count))
