"""How wide text is on a terminal: tabs, wide letters, written-out controls, wrapping."""

from __future__ import annotations

from bpfdoctor.model.record import dataclass
from bpfdoctor.render import Canvas
from bpfdoctor.render.escape import one_line, visible_char

TAB = 8
LONGEST = 2000  # characters of one source line that are looked at


def cell_len(text: str) -> int:
    """Cells that `text` takes on a terminal; rich's tables are loaded when a letter may be wide."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A source line as it is drawn. `starts[i]` is the cell where character i begins."""

    text: str
    starts: tuple[int, ...]  # and at last the cell where the text ends

    def cell(self, column: int) -> int:
        """The cell of a 1-based column; columns past the end count on."""
        at = max(column - 1, 0)
        last = len(self.starts) - 1
        return self.starts[at] if at <= last else self.starts[last] + at - last

    @property
    def indent(self) -> int:
        """Cells of white space in front."""
        return len(self.text) - len(self.text.lstrip(" "))


def draw(line: str, *, unicode: bool = True) -> Drawn:
    """`line` with tabs as blanks and everything dangerous written out."""
    line = line[:LONGEST]
    if line.isascii() and line.isprintable():
        return Drawn(line, tuple(range(len(line) + 1)))
    pieces: list[str] = []
    starts = [0]
    cell = 0
    for char in line:
        piece = " " * (TAB - cell % TAB) if char == "\t" else visible_char(char, unicode)
        pieces.append(piece)
        cell += cell_len(piece)
        starts.append(cell)
    return Drawn("".join(pieces), tuple(starts))


def wrap(text: str, width: int) -> list[str]:
    """`text` broken at blanks into lines of at most `width` cells; a longer word keeps its line."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def slice_cells(text: str, first: int, width: int) -> str:
    """The part of `text` between two cells; a wide letter cut in half becomes a blank."""
    if text.isascii():
        return text[first : first + width]
    out: list[str] = []
    cell = 0
    for char in text:
        size = cell_len(char)
        if cell >= first + width:
            break
        if cell >= first and cell + size <= first + width:
            out.append(char)
        elif cell + size > first:
            out.append(" " * (min(cell + size, first + width) - max(cell, first)))
        cell += size
    return "".join(out)


def cut(text: str, width: int, canvas: Canvas) -> str:
    """`text` on one line of at most `width` cells, dots at its end when something is left out."""
    text = one_line(text, unicode=canvas.unicode)
    dots = "…" if canvas.unicode else "..."
    return text if cell_len(text) <= width else slice_cells(text, 0, max(width - len(dots), 1)) + dots
