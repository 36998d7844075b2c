"""The rows under a source line: marks, and the sentences that belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpfdoctor.model.record import dataclass
from bpfdoctor.render.text.measure import Drawn, cell_len, dots, slice_cells, wrap
from bpfdoctor.render.text.paint import style

_ROOM = 64  # cells a sentence below its mark gets, if need be by moving to the left


@dataclass(frozen=True, slots=True)
class Mark:
    """Cells `first`..`last` (exclusive) of a line, and what is said of them."""

    first: int
    last: int
    text: str
    primary: bool

    @property
    def tone(self) -> str:
        return "primary" if self.primary else "second"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a line that is shown: `width` cells from `first`."""

    first: int
    width: int

    @classmethod
    def over(cls, line: Drawn, marks: Sequence[Mark], dedent: int, room: int, unicode: bool) -> Excerpt:
        """From the common indentation on; further right when the marks would not be seen: all of them where
        they fit, else the primary one, with as much before it as after it.
        """
        wide = len(dots(unicode))
        if not marks or (not line.skipped and line.starts[-1] - dedent <= room):
            return cls(dedent, room)
        for some in (marks, [mark for mark in marks if mark.primary] or marks[:1]):
            first, last = min(mark.first for mark in some), max(mark.last for mark in some)
            if not line.skipped and last - dedent <= room - wide:
                return cls(dedent, room)
            if last - first <= room - 2 * wide:
                around = first - (room - (last - first)) // 2
                return cls(max(min(around, first - wide), dedent), room)
        return cls(max(first - wide, dedent), room)


def code_line(line: Drawn, window: Excerpt, unicode: bool) -> str:
    """What the window shows of the line, with an ellipsis where something is left out."""
    end = line.starts[-1]
    before = line.skipped or (line.indent < window.first and line.indent < len(line.text))  # no blank line
    after = end > window.first + window.width
    left_out = dots(unicode)
    text = slice_cells(line.text, window.first, window.width)
    if before:
        text = left_out + slice_cells(text, len(left_out), window.width)
    if after:
        text = slice_cells(text, 0, window.width - len(left_out)) + left_out
    return text.rstrip()


def under(marks: Sequence[Mark], window: Excerpt, unicode: bool) -> Iterator[str]:
    """The row of marks with the last sentence beside it, then the other sentences, right to left."""
    marks = _merged([_moved(mark, window) for mark in marks])
    if not marks:
        return
    end = max(mark.last for mark in marks)
    row = _underline(marks, end, unicode)
    waiting = [mark for mark in marks if mark.text]
    if waiting and waiting[-1].last <= end:
        beside = waiting[-1]
        if cell_len(beside.text) < window.width - end:
            waiting.pop()
            row += f" {style(beside.text, beside.tone)}"
    yield row
    while waiting:
        mark = waiting.pop()
        column = mark.first
        if cell_len(mark.text) > window.width - column:
            column = min(column, max(window.width - _ROOM, 0))
        for part in wrap(mark.text, window.width - column):
            yield _connectors(waiting, column, unicode) + style(part, mark.tone)


def _moved(mark: Mark, window: Excerpt) -> Mark:
    first = min(max(mark.first - window.first, 0), window.width - 1)
    last = min(max(mark.last - window.first, first + 1), window.width)
    return Mark(first, last, mark.text, mark.primary)


def _merged(marks: Sequence[Mark]) -> list[Mark]:
    """Marks over the same cells become one that says it all; left to right."""
    spans: dict[tuple[int, int], list[Mark]] = {}
    for mark in marks:
        spans.setdefault((mark.first, mark.last), []).append(mark)
    merged = [
        Mark(
            *span,
            "; ".join(dict.fromkeys(mark.text for mark in group if mark.text)),
            any(m.primary for m in group),
        )
        for span, group in spans.items()
    ]
    return sorted(merged, key=lambda mark: (mark.first, -mark.last))


def _underline(marks: Sequence[Mark], end: int, unicode: bool) -> str:
    """One row for all marks; the primary one is drawn last, over the others."""
    cells = [(" ", "")] * end
    for mark in sorted(marks, key=lambda mark: mark.primary):
        char = "^" if mark.primary else ("─" if unicode else "-")
        cells[mark.first : mark.last] = [(char, mark.tone)] * (mark.last - mark.first)
    out = ""
    at = 0
    while at < end:
        stop = at
        while stop < end and cells[stop][1] == cells[at][1]:
            stop += 1
        run = "".join(char for char, _ in cells[at:stop])
        out += style(run, cells[at][1]) if cells[at][1] else run
        at = stop
    return out


def _connectors(waiting: Sequence[Mark], column: int, unicode: bool) -> str:
    """Bars that lead from the marks still waiting down to their sentences."""
    bars = {mark.first: mark.tone for mark in waiting if mark.first < column}
    bar = "│" if unicode else "|"
    return "".join(style(bar, bars[cell]) if cell in bars else " " for cell in range(column))
