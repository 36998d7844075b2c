"""Messages in a text without a log: what is left when somebody quotes only the error, or lost all the rest.

Every line is asked whether it is a message, but of lines that differ only in their numbers ("[7/900] Building
a.o") one: so a build's output costs little, and no message is passed over because it stands far from the end.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from itertools import pairwise

from bpfdoctor.log.events import Event
from bpfdoctor.log.messages import Found, Known, quotes, spoken
from bpfdoctor.log.wrappers import failure
from bpfdoctor.model.report import Buffer, RawReport, Stage
from bpfdoctor.model.transcript import ErrorBlock, Transcript

_MOST_LINES = 4  # in a block
_MOST_WRAPPED = 40  # lines of a paragraph that may be one message in two
_MOST = 60_000  # lines that are asked; each takes 30 µs
_LONGEST = 4000  # bytes of a line; no message is longer
_BLOCK = 1 << 20
_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)


def read(raw: RawReport, text: Buffer, groups: Sequence[Sequence[Event]], asked: Asked) -> list[Transcript]:
    """One Transcript for each paragraph with a message, in order."""
    found: list[Transcript] = []
    for group in reversed(groups):
        said = [(line, *heard) for line in reversed(group) if (heard := asked.hear(line.data))]
        said = _wrapped(group, asked) or said[::-1]
        if said:
            first, last = said[0][0], said[-1][0]
            lines = tuple(words for _, words, _ in said[:_MOST_LINES])
            block = ErrorBlock(lines=lines, stage=said[0][2], start=first.start, end=last.end)
            found.append(Transcript(raw=raw, text=text, blocks=(block,)))
    if asked.unasked:
        found.insert(0, Transcript(raw=raw, text=text, incomplete=asked.passed_over()))
    return found[::-1]


def _wrapped(group: Sequence[Event], asked: Asked) -> list[tuple[Event, str, Stage]]:
    """A message that an editor or a mail program broke in two, in the last lines of a paragraph."""
    for first, second in pairwise(group[-_MOST_WRAPPED:]):
        if heard := asked.hear_wrapped(first.data, second.data):
            return [(first, *heard)]
    return []


class Asked:
    """Asks lines, as many as can be afforded; `unasked` counts the others."""

    def __init__(self, known: Known | None, piece: Found | None = None) -> None:
        self._known = known
        self._piece = piece
        self._silent: set[bytes] = set()  # lines that were no messages, every digit a 0
        self.unasked = 0

    def hear(self, line: bytes) -> tuple[str, Stage] | None:
        """The message in a line, and who prints it."""
        shape = line[:_LONGEST].translate(_ALIKE)
        if shape in self._silent:
            return None
        if len(self._silent) == _MOST:
            self.unasked += 1
            return None
        heard = self._heard(line[:_LONGEST].decode("utf-8", "replace"))
        if heard is None:
            self._silent.add(shape)
        return heard

    def hear_wrapped(self, first: bytes, second: bytes) -> tuple[str, Stage] | None:
        """A message that goes on in the next line."""
        if self._piece is None or len(self._silent) == _MOST:
            return None
        lines = [each[:_LONGEST].decode("utf-8", "replace").strip() for each in (first, second)]
        found = self._piece(" ".join(lines))
        is_over_both = found is not None and all(found not in line for line in lines)
        alone = [self._piece(line) or "" for line in lines]
        return (
            (found, Stage.VERIFIER) if found and is_over_both and len(found) > max(map(len, alone)) else None
        )

    def _heard(self, line: str) -> tuple[str, Stage] | None:
        failed = None
        if self._known is not None and not self._known(line.strip()):
            failed = failure.read(line, alone=True)
            if failed is not None and failed.who:
                return None  # a loader's own words, whatever they have in common with a message
        heard = spoken(line, self._known)
        if heard is not None and failed is not None and failed.errno is not None and self._known is not None:
            heard = heard if self._known(heard[0]) else None
        if heard is not None or self._piece is None:
            return heard
        piece = self._piece(line) or next(filter(None, map(self._piece, quotes(line))), None)
        return (piece, Stage.VERIFIER) if piece else None

    def marks(self, text: Buffer, walks: list[tuple[int, int]]) -> list[tuple[int, bool]]:
        """Where messages are in a large text, as survey.Seen has it; the inside of a log (`walks`) has none.

        Errors stand at the end, so that is where it begins.
        """
        found: list[tuple[int, bool]] = []
        starts, ends = [0, *(end for _, end in walks)], [*(start for start, _ in walks), len(text)]
        for first, last in zip(reversed(starts), reversed(ends), strict=True):
            end = last
            while end > first:
                start = max(end - _BLOCK, first)
                if start > first:
                    start = text.find(b"\n", start, end - 1) + 1 or start
                found += ((start + at, False) for at in self._in_block(bytes(text[start:end])))
                if isinstance(text, mmap.mmap):
                    text.madvise(mmap.MADV_DONTNEED, start - start % mmap.PAGESIZE, end - start)
                end = start
        return sorted(found)

    def _in_block(self, block: bytes) -> list[int]:
        lines = block.split(b"\n")
        if self._silent.issuperset(block.translate(_ALIKE).split(b"\n")):
            return []
        if len(self._silent) == _MOST:
            self.unasked += len(lines)
            return []
        found, end = [], len(block)
        for line in reversed(lines):
            if self.hear(line):
                found.append(end - len(line))
            end -= len(line) + 1
        return found

    def passed_over(self) -> str:
        """What a report says of the lines that were not asked; "" where all were."""
        return (
            f"{self.unasked} lines of this text were not looked at, it has too many kinds"
            if self.unasked
            else ""
        )
