"""Finds the line of a source comment without a number (`; v->n++;`, kernels before 6.8) in a C text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.model.report import Buffer
from bpfdoctor.model.trace import Comment

_COMMENT = re.compile(rb"^; (.*?)(?: @ (\S+):(\d+))?\r?$", re.MULTILINE)
# What ends the stretch of a log in which instructions directly follow each other.
_JUMP = re.compile(rb"^(?:from |caller|callee|returning|to caller)", re.MULTILINE)
_BEFORE, _AFTER = 8192, 4096  # bytes of the log around an instruction that may help
_LAST = 4 << 20


def comment_before(text: Buffer, offset: int) -> Comment | None:
    """The last comment with a line in front of an instruction, on the same straight piece of the path.

    clang gives line 0 to instructions that belong to no line: `;  @ main.c:0`.
    """
    window = bytes(text[max(0, offset - _BEFORE) : offset])
    start = 0
    for jump in _JUMP.finditer(window):
        start = jump.end()
    found = None
    for match in _COMMENT.finditer(window, start):
        if match[3] is None or int(match[3]):
            found = match
    return _comment(found) if found else None


def comment_of(text: Buffer, insn: int) -> Comment | None:
    """The comment in force at the last printed instruction of that number."""
    start = max(0, len(text) - _LAST)
    at = text.rfind(b"\n%d: (" % insn, start)
    return comment_before(text, at + 1) if at >= 0 else None


def neighbours(text: Buffer, offset: int) -> Iterator[str]:
    """Texts of the comments around an instruction, nearest first, those before it first."""
    before = bytes(text[max(0, offset - _BEFORE) : offset])
    after = bytes(text[offset : offset + _AFTER])
    for match in reversed(list(_COMMENT.finditer(before))):
        yield match[1].decode("utf-8", "replace")
    for match in _COMMENT.finditer(after):
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

    def line(self, text: str, ranges: tuple[tuple[int, int], ...], around: Iterator[str]) -> int | None:
        """The line that reads `text`: the only one, the only one in `ranges` (lines of the functions that are
        part of the program), or the nearest to a line that can be told; None when that leaves a choice."""
        found = self.all(text)
        if len(found) <= 1:
            return found[0] if found else None
        inside = [line for line in found if _inside(line, ranges)] or found
        if len(inside) == 1:
            return inside[0]
        for other in around:
            anchors = [line for line in self.all(other) if not ranges or _inside(line, ranges)]
            if len(anchors) == 1:
                distance = {line: abs(line - anchors[0]) for line in inside}
                nearest = [line for line in inside if distance[line] == min(distance.values())]
                return nearest[0] if len(nearest) == 1 else None
        return None


def _inside(line: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= line <= last for first, last in ranges)
