"""The rows of a patch: changed lines with their numbers, none wider than the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from bpfdoctor.render import Canvas
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.patch import Hunk
from bpfdoctor.render.text.measure import LONGEST, broken, cell_len, cut_off, dots, draw, slice_cells
from bpfdoctor.render.text.paint import style

_MOST_ROWS = 4  # of one changed line; its beginning is left out where both lines have the same


def patch(parts: Sequence[Hunk], canvas: Canvas) -> Iterator[str]:
    """The changed lines with their numbers, shifted left by the indentation they share."""
    lines = [line for part in parts for line in part.lines]
    drawn = {id(line): draw(line.text, unicode=canvas.unicode) for line in lines}
    dedent = min((drawn[id(line)].indent for line in lines if line.text.strip()), default=0)
    gutter = max((len(str(line.number)) for line in lines if line.number is not None), default=0)
    files = {part.file for part in parts}
    alike = {key: length for part in parts for key, length in _alike(part)}
    tones = {"+": "add", "-": "remove"}
    for at, part in enumerate(parts):
        if len(files) > 1:
            yield f"     {style(one_line(part.file, unicode=canvas.unicode), 'dim')}"
        elif at:
            yield f"     {dots(canvas.unicode)}"
        for line in part.lines:
            number = "" if line.number is None else str(line.number)
            head = f"     {number:>{gutter}} " if gutter else "     "
            room = max(canvas.width - len(head) - 3, 20)
            text = slice_cells(drawn[id(line)].text, dedent, LONGEST)
            if (same := alike.get(id(line), 0) - dedent - room) > 0 and cell_len(text) > _MOST_ROWS * room:
                text = dots(canvas.unicode) + text[same:]
            changed = line.sign in tones
            sign = line.sign
            text = cut_off(text, _MOST_ROWS * room if changed else room, canvas)  # a patch is for pasting
            for piece in _rows_of(text, room) if changed else [text]:
                row = f"{sign}  {piece}".rstrip()
                yield (head + (style(row, tones[line.sign]) if changed else row)).rstrip()
                head, sign = " " * len(head), " "


def _alike(part: Hunk) -> Iterator[tuple[int, int]]:
    """(id() of a changed line, how many characters its old and its new text begin with alike)."""
    for old, new in pairwise(part.lines):
        if (old.sign, new.sign) == ("-", "+"):
            same = takewhile(lambda pair: pair[0] == pair[1], zip(old.text, new.text, strict=False))
            length = sum(1 for _ in same)
            yield from ((id(old), length), (id(new), length))


def _rows_of(text: str, room: int) -> Iterator[str]:
    """A changed line in as many rows as it needs; those after the first are indented."""
    indent = min(len(text) - len(text.lstrip(" ")) + 4, room // 2)
    first, *_ = broken(text, room)
    yield first
    rest = text[len(first) :].lstrip(" ")
    yield from (" " * indent + part for part in (broken(rest, room - indent) if rest else ()))
