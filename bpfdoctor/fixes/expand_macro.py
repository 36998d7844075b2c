"""Writes out a macro of the user's where it is used: BCC rewrites nothing that comes out of a macro."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.model.diagnosis import Facts

if TYPE_CHECKING:
    from bpfdoctor.source.dialect import MacroDefinition

_WORD = re.compile(r"[A-Za-z_]\w*")
_ONE_VALUE = re.compile(r"&?\w+")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Only of a use on one line, and of a macro without # and other macros inside."""
    block = context.finding.block
    place = context.source.compiler_place(block.file or "", block.line or 0, block.column, block.start)
    at = site(context, place) if place is not None else None
    if at is None or place is None or place.column is None:
        return ()
    for macro, start, end, arguments in _uses(at, at.c.line(place.line)):
        if start <= place.column < end:
            text = _expanded(macro, arguments, at.c.macros.keys() - {macro.name})
            return (at.replacement(place.line, start, end, text),) if text else ()
    return ()


def _uses(at: Site, line: str) -> Iterator[tuple[MacroDefinition, int, int, Sequence[str]]]:
    """(macro, first column, column after it, arguments) of the uses of the file's macros on a line."""
    code = code_only(line)
    for word in _WORD.finditer(code):
        macro = at.c.macros.get(word[0])
        if macro is not None and macro.params is None:
            yield macro, word.start() + 1, word.end() + 1, ()
        elif macro is not None and (call := _arguments(line, code, word.end())) is not None:
            yield macro, word.start() + 1, call[1] + 1, call[0]


def _arguments(line: str, code: str, at: int) -> tuple[list[str], int] | None:
    """The arguments in the parentheses that open at an offset, and where these end."""
    opened = len(code) - len(code[at:].lstrip())
    if code[opened : opened + 1] != "(":
        return None
    found, depth, start = [], 0, opened + 1
    for here in range(opened, len(code)):
        depth += (code[here] in "([{") - (code[here] in ")]}")
        if depth == 0 or (depth == 1 and code[here] == ","):
            found.append(line[start:here].strip())
            start = here + 1
        if depth == 0:
            return found, here + 1
    return None


def _expanded(macro: MacroDefinition, arguments: Sequence[str], others: Collection[str]) -> str:
    """The macro's value with its arguments; "" where that takes more than to replace words."""
    value, params = re.sub(r"\\\r?\n\s*", " ", macro.value.strip()), macro.params or ()
    code = code_only(value)
    if len(params) != len(arguments) or "#" in code or set(_WORD.findall(code)) & set(others):
        return ""
    given = dict(zip(params, arguments, strict=True))
    for word in reversed([*_WORD.finditer(code)]):
        if (text := given.get(word[0])) is not None:
            around = value[: word.start()].rstrip()[-1:] + value[word.end() :].lstrip()[:1]
            if around not in ("()", "(,", ",)", ",,") and not _ONE_VALUE.fullmatch(text):
                text = f"({text})"
            value = value[: word.start()] + text + value[word.end() :]
    return value
