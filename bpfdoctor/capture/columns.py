"""From offsets in two texts to lines and byte columns: the pieces of a LineMap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from bpfdoctor.capture.rewriting import PieceOrigin, Text
from bpfdoctor.model.report import Piece

#: (line, byte column) of a text -> those of the user's file; the column is 0 where it is not known
UserPlace = Callable[[int, int], tuple[int, int] | None]
_ENOUGH = 12  # characters that say where a line begins inside another one


class Offsets:
    """Lines and byte columns, both from 1, of the offsets in a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        before = self._text[self._starts[line - 1] : offset]
        return line, len(before.encode("utf-8", "surrogateescape")) + 1

    def start(self, line: int) -> int:
        """The offset at which a line starts."""
        return self._starts[line - 1]


def same(text: str) -> list[tuple[int, int, PieceOrigin]]:
    """Every token of a text as its own origin."""
    return [(start, end, PieceOrigin(start, end, exact=True)) for start, end in Text.of(text).spans]


def pieces(
    tokens: Iterable[tuple[int, int, PieceOrigin]], rewritten: Offsets, original: Offsets, user: UserPlace
) -> dict[int, tuple[Piece, ...]]:
    """The pieces of each line of a rewritten text; neighbours that say the same are one."""
    found: dict[int, list[Piece]] = {}
    for start, _, origin in tokens:
        line, column = rewritten.place(start)
        first, last = user(*original.place(origin.start)), user(*original.place(origin.end))
        if first is None or last is None:
            continue
        piece = Piece(column, *first, *last, origin.exact)
        row = found.setdefault(line, [])
        if not (row and _goes_on(row[-1], piece)):
            row.append(piece)
        elif piece.exact:
            row[-1] = Piece(
                row[-1].column, row[-1].line, row[-1].start, piece.end_line, piece.end, exact=True
            )
    return {line: tuple(row) for line, row in found.items()}


def _goes_on(piece: Piece, following: Piece) -> bool:
    if not following.exact:
        return piece.says_as(following)
    shift, other = piece.start - piece.column, following.start - following.column
    return piece.exact and piece.line == following.line and piece.start > 0 and shift == other


def column_in(line: str, column: int, inside: str) -> int:
    """The byte column of `inside` at which byte `column` of `line` stands; 0 when that cannot be told.

    `inside` is the line of a Python tool that `line` of the C text comes from: escapes are longer there, and
    there is Python around it.
    """
    whole = inside.find(line) if line.strip() else -1
    if whole >= 0:
        return _bytes(inside[:whole]) + column
    at = len(line.encode("utf-8", "surrogateescape")[: column - 1].decode("utf-8", "replace"))
    head, tail = inside.find(line[:_ENOUGH]), inside.rfind(line[-_ENOUGH:])
    if head >= 0 and inside[head : head + at] == line[:at]:
        return _bytes(inside[: head + at]) + 1
    rest = line[at:]
    if tail >= 0 and inside[: tail + len(line[-_ENOUGH:])].endswith(rest):
        return _bytes(inside[: tail + len(line[-_ENOUGH:]) - len(rest)]) + 1
    return 0


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
