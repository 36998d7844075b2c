"""Finds the line of a source comment without a number (`; v->n++;`, kernels before 6.8) in a C text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Buffer
from bpfdoctor.model.trace import Comment

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile

_COMMENT = re.compile(rb"^; (.*?)(?: @ (\S+):(\d{1,9}))?\r?$", re.MULTILINE)
# What ends the stretch of a log in which instructions directly follow each other.
_JUMP = re.compile(rb"^(?:from |caller|callee|returning|to caller)", re.MULTILINE)
_BEFORE, _AFTER = 8192, 4096  # bytes of the log around an instruction that may help
_LAST = 4 << 20


def comment_before(text: Buffer, offset: int) -> Comment | None:
    """The last comment with a line before an instruction, on the same straight piece of the path.

    clang gives line 0 to instructions that belong to no line: `;  @ main.c:0`.
    """
    window = bytes(text[max(0, offset - _BEFORE) : offset])
    start = 0
    for jump in _JUMP.finditer(window):
        start = jump.end()
    found = None
    for match in _COMMENT.finditer(window, start):
        if match[1].strip() and (match[3] is None or int(match[3])):
            found = match
    return _comment(found) if found else None


def comment_of(text: Buffer, insn: int) -> Comment | None:
    """The comment in force at the last printed instruction of that number."""
    start = max(0, len(text) - _LAST)
    at = text.rfind(b"\n%d: (" % insn, start)
    return comment_before(text, at + 1) if at >= 0 else None


def before(text: Buffer, offset: int) -> Iterator[str]:
    """Texts of the comments before an instruction, nearest first; the first one is its own."""
    window = bytes(text[max(0, offset - _BEFORE) : offset])
    for match in reversed(list(_COMMENT.finditer(window))):
        yield match[1].decode("utf-8", "replace")


def after(text: Buffer, offset: int) -> Iterator[str]:
    """Texts of the comments after an instruction, nearest first."""
    for match in _COMMENT.finditer(bytes(text[offset : offset + _AFTER])):
        yield match[1].decode("utf-8", "replace")


def _comment(match: re.Match[bytes]) -> Comment:
    file = match[2].decode("utf-8", "replace") if match[2] else None
    return Comment(match[1].decode("utf-8", "replace"), file, int(match[3]) if match[3] else None)


class LineIndex:
    """The lines of a text by what stands on them."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        self._found: dict[str, list[int]] = {}
        for number, line in enumerate(lines, 1):
            words = " ".join(line.split())
            if words:
                self._found.setdefault(words, []).append(number)

    def all(self, text: str) -> list[int]:
        return self._found.get(" ".join(text.split()), [])

    def line(self, text: str, near: Surroundings) -> int | None:
        """The line that reads `text`: the only one, or the only one that fits between the lines around it.

        The comments before and after an instruction whose line is certain say between which lines it
        must be; what could have come from the next round of a loop is not certain.
        """
        found = self.all(text)
        if len(found) <= 1:
            return found[0] if found else None
        inside = [line for line in found if near.inside(line)]
        if len(inside) == 1:
            return inside[0]
        first, last = self._anchor(near.before, near), self._anchor(near.after, near)
        if first is None:
            return None
        fitting = [line for line in inside if line >= first and near.together(first, line)]
        earlier = [line for line in inside if line < first and near.in_loop(first, line)]
        if last is not None and last >= first:
            fitting = [line for line in fitting if line <= last]
        return fitting[0] if len(fitting) == 1 and not earlier else None

    def _anchor(self, texts: Iterator[str], near: Surroundings) -> int | None:
        for text in texts:
            lines = [line for line in self.all(text) if near.inside(line)]
            if len(lines) == 1:
                return lines[0]
        return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around an instruction: comments before and after it, and the functions of its program.

    `ranges` are the first and last lines of these functions, () when they are not known. `in_loop` says
    whether a line is in a loop around another one.
    """

    before: Iterator[str]
    after: Iterator[str]
    ranges: tuple[tuple[int, int], ...]
    in_loop: Callable[[int, int], bool]

    def inside(self, line: int) -> bool:
        return not self.ranges or any(first <= line <= last for first, last in self.ranges)

    def together(self, line: int, other: int) -> bool:
        """Whether two lines are in one function."""
        both = (line, other)
        return not self.ranges or any(all(first <= at <= last for at in both) for first, last in self.ranges)


class LineFinder:
    """Finds the lines of one log's comments in the files: `lines` and `c` give a file's lines and syntax."""

    def __init__(
        self,
        log: Buffer,
        lines: Callable[[str], tuple[str, ...]],
        c: Callable[[str], CFile | None],
        program: str | None,
    ) -> None:
        self._log, self._lines, self._c, self._program = log, lines, c, program
        self._indexes: dict[str, LineIndex] = {}

    def line(self, path: str, text: str, offset: int | None) -> int | None:
        """The line of `path` that a comment means; `offset` is where in the log its instruction is."""
        if path not in self._indexes:
            self._indexes[path] = LineIndex(self._lines(path))
        index = self._indexes[path]
        if len(index.all(text)) <= 1:
            return next(iter(index.all(text)), None)
        c, log = self._c(path), self._log

        def in_loop(line: int, other: int) -> bool:
            return c is None or any(loop.span.holds(other) for loop in c.loops_around(line))

        around = (
            [iter(before(log, offset)), iter(after(log, offset))] if offset is not None else [iter(())] * 2
        )
        return index.line(text, Surroundings(around[0], around[1], self._program_lines(c), in_loop))

    def _program_lines(self, c: CFile | None) -> tuple[tuple[int, int], ...]:
        """First and last lines of the functions that are part of the program; () when that is not known."""
        start = c.function(self._program) if c is not None and self._program else None
        if c is None or start is None:
            return ()
        return tuple((function.start, function.end) for function in c.reached(start))
