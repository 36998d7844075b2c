"""Finds the comments in a source that speak to bpfdoctor, and the lines for which each holds.

`/* bpfdoctor: ignore[packet-bounds] why */` beside code holds for its statement, on a line of its own for the
next one, above a function for all of it. A lexer finds them, so what stands in a string is none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bpfdoctor.formats import c_text
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import replace
from bpfdoctor.model.remark import Remark
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Function

MARK = "bpfdoctor:"
_IGNORE, _EXPECT = "ignore", "expect"
_SAID = later(r"bpfdoctor:\s*([\w-]*)\s*(?:\[([^\]]*)(\])?)?\s*(.*)")
_HEAD = later(r"(?:if|for|while|switch)\b")
_QUOTE = later(r"\"\"\"|'''|\"|'")
_ENDS = later(r"[;{}]|^[ \t]*#", re.MULTILINE)  # what stands between two declarations


def in_c(path: str, text: str) -> list[Remark]:
    """The remarks of a C text, in order."""
    if MARK not in text:
        return []
    from bpfdoctor.source.csyntax import CFile

    said = [(at, comment) for at, comment in c_text.comments(text) if _written(comment)]
    if not said:
        return []
    file, code, starts = CFile(text), c_text.code_only(text).split("\n"), _line_starts(text)
    found = []
    for offset, comment in said:
        first = bisect_right(starts, offset)
        line = _first_code(code, first, bisect_right(starts, offset + len(comment) - 1))
        function = _function(file, code, line) if not code[first - 1].strip() else None
        around = function or file.function_at(line)
        inside = around.name if around else ""
        place = _place(path, first, offset - starts[first - 1] + 1, comment, file.line(first), inside)
        if function is not None:
            remark = Remark(place, line, function.end, inside, inside)
        else:
            remark = Remark(place, *_statement(file, code, line), inside=inside)
        found.append(_understood(remark, _written(comment)))
    return found


def in_python(path: str, text: str) -> list[Remark]:
    """The remarks of a Python tool: its own comments, and those of the C in its strings.

    A comment of Python's holds for the whole statement beside it or below it.
    """
    if MARK not in text:
        return []
    import io
    import tokenize

    found: list[Remark] = []
    waiting: list[tuple[Place, str]] = []  # comments of the statement that goes on
    above: list[tuple[Place, str]] = []
    first = 0
    starts = _line_starts(text)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            row, column = token.start
            if token.type == tokenize.COMMENT:
                if written := _written(token.string):
                    place = _place(path, row, column + 1, token.string, token.line.rstrip("\r\n"))
                    (waiting if first else above).append((place, written))
            elif token.type == tokenize.NEWLINE:
                span = (first, row)
                found += [_understood(Remark(place, *span), said) for place, said in (*above, *waiting)]
                above, waiting, first = [], [], 0
            elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
                first = first or row
                if token.type == tokenize.STRING and MARK in token.string:
                    found += in_c(path, _only(text, starts, token.start, token.end))
    except (tokenize.TokenError, SyntaxError):
        return []  # Python cannot read it either
    return sorted(found, key=lambda remark: (remark.place.line, remark.place.column or 0))


def _place(path: str, line: int, column: int, comment: str, text: str, inside: str = "") -> Place:
    """Where a comment stands; of one with several lines the first."""
    end = column + len(comment.split("\n", 1)[0].rstrip())
    return Place(path, line, column, end, inside or None, text)


def _written(comment: str) -> str:
    """What a comment says to bpfdoctor, on one line; "" for any other comment."""
    if MARK not in comment:
        return ""
    inside = (
        comment.removeprefix("/*").removesuffix("*/") if comment.startswith("/*") else comment.lstrip("/#")
    )
    words = " ".join(line.strip().removeprefix("*").strip() for line in inside.split("\n")).strip()
    return words if words.startswith(MARK) else ""


def _understood(remark: Remark, written: str) -> Remark:
    said = _SAID.match(written)
    verb, inside, closed, why = said.groups() if said else ("", None, None, "")
    if verb not in (_IGNORE, _EXPECT):
        near = get_close_matches(verb, (_IGNORE, _EXPECT), 1)
        wrong = f"{verb!r} is not ignore and not expect" if verb else "it says neither ignore nor expect"
        return replace(remark, wrong=wrong, instead=f"{near[0] if near else _IGNORE}[RULE]")
    names = tuple(name for each in (inside or "").split(",") if (name := each.strip()))
    remark = replace(remark, expects=verb == _EXPECT, names=names, why=why)
    if inside is not None and not closed:
        return replace(remark, wrong=f"the bracket behind {verb} is not closed", instead=f"{verb}[RULE]")
    if not names:
        wrong = f"{verb} without a rule would hide whatever comes" if verb == _IGNORE else "it names no rule"
        return replace(remark, wrong=wrong, instead=f"{verb}[RULE] or {verb}[RULE, RULE]")
    return remark


def _line_starts(text: str) -> list[int]:
    return [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]


def _first_code(code: Sequence[str], first: int, last: int) -> int:
    """The line of code that a comment on lines first..last is about: beside it, else the next one below."""
    lines: list[int] = [first, *range(last, len(code) + 1)]
    return next((line for line in lines if code[line - 1].strip()), first)


def _function(file: CFile, code: list[str], line: int) -> Function | None:
    """The function that begins on a line: with its name, or with the section, or the attributes, above it."""
    at = next((each for each in file.functions if each.start >= line), None)
    if at is None:
        return None
    between = "\n".join(code[line - 1 : at.start - 1])
    return at if not _ENDS.search(between) else None


def _statement(file: CFile, code: list[str], line: int) -> tuple[int, int]:
    """First and last line of the statement on a line; of an if or a loop only its head."""
    statement = file.statement_at(line)
    if statement is None or statement.kind == "compound_statement":
        return line, line
    first, last = statement.span.line, statement.span.end_line
    if not _HEAD.match(code[first - 1][statement.span.column - 1 :]):
        return first, last
    depth = 0
    for number in range(first, last + 1):
        start = statement.span.column - 1 if number == first else 0
        for char in code[number - 1][start:]:
            depth += (char == "(") - (char == ")")
            if char == ")" and depth == 0:
                return first, number
    return line, line


def _only(text: str, starts: list[int], start: tuple[int, int], end: tuple[int, int]) -> str:
    """The text with everything blanked but the inside of a string, so that lines and columns stay."""
    first, last = starts[start[0] - 1] + start[1], starts[end[0] - 1] + end[1]
    quote = _QUOTE.search(text, first, last)
    opened = quote.end() if quote else first
    closed = last - (len(quote[0]) if quote else 0)
    return c_text.blank(text[:opened]) + text[opened:closed] + c_text.blank(text[closed:])
