"""How wide text is on a terminal: tabs, wide letters, written-out controls, wrapping."""

from __future__ import annotations

from itertools import accumulate, chain

from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later
from bpfdoctor.render import Canvas
from bpfdoctor.render.escape import one_line, visible_char

TAB = 8
# A word, or words in backticks or quotes, with what touches them; an apostrophe within a word is no quote.
_WORDS = later(r"""(?:`[^`]{1,90}`|(?<!\S)"[^"]{1,90}"|(?<!\S)'[^']{1,90}'|\S)+""")
LONGEST = 2000  # characters of one source line that are looked at, in front of a place and behind it


def cell_len(text: str) -> int:
    """Cells that `text` takes on a terminal; rich's tables are loaded when a letter may be wide."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A source line as it is drawn, or a part of a very long one, without the first `skipped` characters.
    `starts[i]` is the cell where character i begins.
    """

    text: str
    starts: tuple[int, ...]  # and at last the cell where the text ends
    skipped: int = 0

    def cell(self, column: int) -> int:
        """The cell of a 1-based column; columns past the end count on."""
        at = max(column - 1 - self.skipped, 0)
        last = len(self.starts) - 1
        return self.starts[at] if at <= last else self.starts[last] + at - last

    @property
    def indent(self) -> int:
        """Cells of white space in front."""
        return len(self.text) - len(self.text.lstrip(" "))


def dots(unicode: bool) -> str:
    """What stands for the part of a line that is left out."""
    return "…" if unicode else "..."


def draw(line: str, *, unicode: bool = True, around: int = 1) -> Drawn:
    """`line` with tabs as blanks and everything dangerous written out; of a very long one what is near the
    column `around`.
    """
    skipped = max(around - LONGEST, 0) if around > LONGEST and len(line) > LONGEST else 0
    line = line[skipped : skipped + 2 * LONGEST]
    if line.isascii() and line.isprintable():
        return Drawn(line, tuple(range(len(line) + 1)), skipped)
    pieces: list[str] = []
    starts = [0]
    cell = 0
    for char in line:
        piece = " " * (TAB - cell % TAB) if char == "\t" else visible_char(char, unicode)
        pieces.append(piece)
        cell += cell_len(piece)
        starts.append(cell)
    return Drawn("".join(pieces), tuple(starts), skipped)


def wrap(text: str, width: int) -> list[str]:
    """`text` broken at blanks into lines of at most `width` cells; a longer word keeps its line.

    What stands in backticks or quotes is one word while it fits: a command that is copied stays whole.
    """
    lines: list[str] = []
    line = ""
    parts = ([each] if cell_len(each) <= width else each.split() for each in _WORDS.findall(text))
    for word in chain.from_iterable(parts):
        if line and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def broken(text: str, width: int) -> list[str]:
    """`text` in pieces of at most `width` cells that make the whole again; broken behind a blank where one is
    in the second half.
    """
    pieces: list[str] = []
    while cell_len(text) > width:
        end = max(_fitting(text, width), 1)
        blank = text.rfind(" ", end // 2, end)
        end = blank + 1 if blank >= 0 else end
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]


def _fitting(text: str, width: int) -> int:
    """How many characters take at most `width` cells."""
    if text.isascii():
        return min(len(text), width)
    cells = accumulate(map(cell_len, text))
    return next((at for at, cell in enumerate(cells) if cell > width), len(text))


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
    return cut_off(one_line(text, unicode=canvas.unicode), width, canvas)


def cut_off(text: str, width: int, canvas: Canvas) -> str:
    """`text` as it is, its end left out where it is wider than `width` cells."""
    end = dots(canvas.unicode)
    return text if cell_len(text) <= width else slice_cells(text, 0, max(width - len(end), 1)) + end
