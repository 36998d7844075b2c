"""From file names, lines and columns, as somebody printed them, to places in the user's files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import LineMap
from bpfdoctor.model.trace import Comment, Insn, Op
from bpfdoctor.source.files import Files, base

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.rewritten import Rewritten


class Places:
    """The places of one report. `c` gives the syntax of one of the user's files."""

    def __init__(self, files: Files, c: Callable[[str], CFile | None]) -> None:
        self._files, self._c = files, c
        self._rewrites: dict[tuple[str, int], Rewritten] = {}

    def users(self, file: str, line: int, column: int, text: str | None) -> Place | None:
        """The place in a file of the user's that a line of the object means."""
        rewritten = self._files.map_for(base(file))
        if rewritten is not None:
            return self.mapped(rewritten, line, column)
        path = self._files.find(file, line, text or None)
        return self.in_file(path, line, column) if path is not None else None

    def mapped(self, found: LineMap, line: int, column: int) -> Place | None:
        """The user's place for one in a text that the compiler saw."""
        piece = self.rewrite(found).piece(line, column)
        if piece is None:
            to = self._files.mapped(found, line)
            is_users_column = not found.pieces and found.file not in self._files.texts
            return None if to is None else self.in_file(found.user_file, to, column if is_users_column else 0)
        place = self.in_file(found.user_file, piece.line, piece.start)
        if piece.exact or place.column is None:
            return place
        text = self._files.line(found.user_file, piece.line) or ""
        end = characters(text, piece.end) if piece.end_line == piece.line else len(text.rstrip()) + 1
        return replace(place, end_column=end)

    def printed(self, comment: Comment, column: int | None, offset: int = 0) -> Place | None:
        """A place whose file and line somebody printed."""
        file, line = comment.file or "", comment.line or 0
        rewritten = self._files.map_for(file, offset)
        if rewritten is not None:
            return self.mapped(rewritten, line, column or 0)
        path = self._files.find(file, line, comment.text or None)
        if path is not None:
            return self.in_file(path, line, column or 0)
        return Place(file, line, column or None, None, None, comment.text.strip() or None)

    def in_file(self, path: str, line: int, byte_column: int) -> Place:
        """A place in a file of the user's; the caret covers the smallest expression at the column."""
        text = self._files.line(path, line)
        c = self._c(path)
        function = c.function_at(line) if c is not None else None
        column = characters(text or "", byte_column)
        end = None
        if column is not None and c is not None and text is not None:
            found = c.expression_at(line, column)
            if found is not None:
                last = found.span.end_column if found.span.end_line == line else len(text.rstrip()) + 1
                end = max(column + 1, last - found.text.endswith(";"))
        name = function.name if function else None
        return Place(path, line, column, end, name, text.strip() if text is not None else None)

    def refined(self, place: Place, insn: Insn) -> Place:
        """The caret of a memory access covers what is accessed, that of a branch what is tested.

        clang gives `v->count += n` and `v->count++` the place of the operator, and a branch that of the
        condition's first word.
        """
        from bpfdoctor.source.conditions import merged_condition, tests_order

        c, op = self._c(place.file), insn.op
        other = merged_condition(c, place.line, insn) if c is not None and tests_order(insn) else None
        if other is not None:
            return self.in_file(place.file, other.line, other.column)
        if c is None or place.column is None or place.end_column is None:
            return place
        if op in (Op.LOAD, Op.STORE, Op.ATOMIC):
            span = c.target_at(place.line, place.column)
        else:
            span = c.tested_at(place.line, place.column) if op is Op.BRANCH else None
        if span is None or span.end_line != place.line:
            return place
        return replace(place, column=span.column, end_column=span.end_column)

    def rewrite(self, found: LineMap) -> Rewritten:
        """What a map says of the text that it is for."""
        from bpfdoctor.source.rewritten import Rewritten

        key = (found.file, found.since)
        if key not in self._rewrites:
            self._rewrites[key] = Rewritten(self._files, found, self._c(found.user_file))
        return self._rewrites[key]


def characters(text: str, byte_column: int) -> int | None:
    """clang counts bytes; a reader counts characters."""
    if byte_column <= 0:
        return None
    if text.isascii():
        return byte_column
    return len(text.encode("utf-8", "surrogateescape")[: byte_column - 1].decode("utf-8", "ignore")) + 1
