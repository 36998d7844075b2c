"""What BCC made of a program, told in the user's own text: which piece of it, and which of its variables."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from bpfdoctor.model.record import replace
from bpfdoctor.model.report import LineMap, Piece

if TYPE_CHECKING:
    from bpfdoctor.formats.dwarf import Variable
    from bpfdoctor.model.diagnosis import Place
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.files import Files

_CONTEXTS = ("ctx", "args")  # parameters that BCC's macros declare: the user's names for them all the same


class Rewritten:
    """A rewritten text, `found.file`, and the user's, `found.user_file`."""

    def __init__(self, files: Files, found: LineMap, c: CFile | None) -> None:
        self._files, self._map, self._c = files, found, c

    def piece(self, line: int, column: int) -> Piece | None:
        """The user's text for byte `column` of a line: where that byte is, or the whole expression."""
        at = self._at(line, column) if column > 0 else None
        if at is None:
            return None
        piece = self._map.pieces[line][at]
        if not piece.exact or not piece.start:
            return piece
        return replace(piece, column=column, start=piece.start + column - piece.column)

    def _at(self, line: int, column: int) -> int | None:
        at = bisect_right([piece.column for piece in self._map.pieces.get(line, ())], column) - 1
        return at if at >= 0 else None

    def variable(self, variable: Variable) -> Variable | None:
        """A variable as the user knows it, with the user's line; None for those that BCC put in."""
        if variable.file != self._map.file:
            return variable if self._files.find(variable.file) else None
        lines = self._lines(variable.line or 0)
        name = re.compile(rf"\b{re.escape(variable.name)}\b")
        for line in lines:
            if name.search(self._files.line(self._map.user_file, line) or ""):
                return replace(variable, line=line)
        function = self._c.function_at(lines[0]) if self._c and lines else None
        parameters = {each.name for each in function.params} if function else set()
        known = variable.name in parameters or variable.name in _CONTEXTS
        return replace(variable, line=function.start) if function and known else None

    def _lines(self, line: int) -> list[int]:
        """The user's lines that a rewritten line comes from."""
        found = [piece.line for piece in self._map.pieces.get(line, ())]
        to = self._files.mapped(self._map, line)
        return list(dict.fromkeys([*found, *([to] if to is not None else [])]))

    def copied(self, variable: Variable, place: Place | None) -> str | None:
        """What a variable that BCC put in is a copy of: `k` for `_key` of h.increment(k).

        `place` chooses between several on one line.
        """
        line, text = variable.line or 0, self._files.line(self._map.file, variable.line or 0) or ""
        found = []
        for match in re.finditer(rf"\b{re.escape(variable.name)} = ", text):
            whole, value = (self._at(line, len(text[:at].encode()) + 1) for at in match.span())
            pieces = self._map.pieces.get(line, ())
            if whole is not None and value is not None and pieces[value].exact and not pieces[whole].exact:
                found.append((pieces[whole], pieces[value]))
        if len(found) > 1 and place is not None:
            found = [each for each in found if _holds(each[0], place)]
        return self._text(found[0][1]) if len(found) == 1 else None

    def _text(self, piece: Piece) -> str | None:
        line = (self._files.line(self._map.user_file, piece.line) or "").encode()
        return (
            line[piece.start - 1 : piece.end - 1].decode()
            if piece.start and piece.line == piece.end_line
            else None
        )


def _holds(piece: Piece, place: Place) -> bool:
    column = place.column or 0
    return (piece.line, piece.start) <= (place.line, column) < (piece.end_line, piece.end)
