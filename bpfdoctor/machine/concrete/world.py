"""What a program finds when it runs: numbers, found or missing things, a packet. All from one seed.

A draw depends on the seed and on its label alone, never on when it is made: two versions of a program see the
same world, so that what they do can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from zlib import crc32

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class World:
    """One input. `numbers` are those that matter to the program: its constants, and their neighbours."""

    seed: int
    packet: bytes = b""
    numbers: Sequence[int] = (0, 1)
    #: What is found and succeeds: of 8 things so many (8: every lookup, every allocation).
    luck: int = 7
    fixed: dict[str, int] = field(default_factory=dict)  # draws that are given, by label

    def draw(self, label: str) -> int:
        """Some 32 bits, as random as they need to be."""
        given = self.fixed.get(label)
        return given if given is not None else crc32(b"%d:%s" % (self.seed, label.encode()))

    def pick(self, label: str, choices: Sequence[_T]) -> _T:
        return choices[self.draw(label) % len(choices)]

    def is_lucky(self, label: str) -> bool:
        """Whether something is there, or works."""
        return self.draw(label) % 8 < self.luck

    def number(self, label: str, bits: int) -> int:
        """An unsigned number of `bits` bits that is likely to matter."""
        drawn = self.draw(label)
        if drawn % 16 == 0:  # anything at all
            wide = drawn << 32 | self.draw(label + "'")
        else:
            wide = self.numbers[(drawn >> 4) % len(self.numbers)]
        return wide & ((1 << bits) - 1)

    def bytes(self, label: str, size: int) -> bytes:
        """Bytes in words of 4, each likely to matter; zeros after the first 256."""
        words = min((size + 3) // 4, 64)
        made = b"".join(self.number(f"{label}+{4 * i}", 32).to_bytes(4, "little") for i in range(words))
        return made[:size].ljust(size, b"\0")
