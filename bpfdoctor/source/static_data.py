"""What a line of C uses that is neither on the stack nor in a map: global variables, tables, string literals.

The compiler puts such things into .data, .bss and .rodata, which not every loader loads.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later
from bpfdoctor.source.cvalues import Argument, Declaration, Function, Span

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile

_DEEPEST = 4  # calls through which an argument is followed to where it was named
_WORD = later(r"[A-Za-z_]\w*")
_STRING = later(r'"(?:[^"\\]|\\.)*"')
_STATIC = later(r"\bstatic\b")


class Storage(StrEnum):
    """What kind of memory a thing has."""

    VARIABLE = "variable"  # a global variable, or a static one inside a function
    CONSTANT = "constant"  # the same, const
    TABLE = "table"  # the initial values of a local array or structure
    STRING = "string"  # a literal


@dataclass(frozen=True, slots=True)
class StaticData:
    """One such thing. `name` is a variable's, or the literal as written; `span` is where it is named.

    `called` is what the function that uses it calls it: a parameter, or a pointer that was set to it.
    """

    name: str
    storage: Storage
    span: Span
    declared: Declaration | None = None
    called: str | None = None
    use: Span | None = None  # on the line that was asked about


def on_line(c: CFile, line: int, names: Collection[str] | None = None) -> tuple[StaticData, ...]:
    """What a line uses, in the order of the text; with `names`, only what is reached through those."""
    found: dict[tuple[str, Span], StaticData] = {}
    for each in _on_line(c, line, names):
        found.setdefault((each.name, each.span), each)
    return tuple(found.values())


def of_expression(c: CFile, given: Argument) -> tuple[StaticData, ...]:
    """What an argument of a call is, or points to."""
    return tuple(_of_text(c, given.text, given.span, _DEEPEST))


def _on_line(c: CFile, line: int, names: Collection[str] | None) -> Iterator[StaticData]:
    for use in c.values_on(line):
        if names is None or use.text in names:
            for each in _named(c, use.text, use.span, _DEEPEST):
                yield StaticData(each.name, each.storage, each.span, each.declared, each.called, use.span)
    if names is None:
        for literal in c.strings_on(line):
            yield StaticData(literal.text, Storage.STRING, literal.span, use=literal.span)


def _named(c: CFile, name: str, span: Span, depth: int) -> Iterator[StaticData]:
    """What a name stands for."""
    declared = c.declaration_of(name, span.line)
    if declared is None:
        macro = c.macros.get(name)
        if macro is not None and depth:
            yield from _of_text(c, macro.value, span, depth - 1)
        return
    function = c.function_at(span.line)
    if declared.scope == "parameter":
        if depth and function is not None:
            yield from (_as(each, name) for each in _passed(c, function, name, depth - 1))
        return
    statement = c.line(declared.statement.line)[declared.statement.column - 1 :]
    if declared.scope == "global" or _STATIC.match(statement):
        is_constant = re.search(r"\bconst\b", declared.type) and (not declared.pointer or declared.arrays)
        yield StaticData(name, Storage.CONSTANT if is_constant else Storage.VARIABLE, span, declared)
    elif (declared.initialiser or "").startswith("{"):
        yield from _listed(c, name, span, declared)
    elif declared.pointer and depth:
        for value in c.assignments(name, function.start if function else 1, span.line):
            if value.span.line <= span.line:
                yield from (_as(each, name) for each in _of_text(c, value.value, value.span, depth - 1))


def _listed(c: CFile, name: str, span: Span, declared: Declaration) -> Iterator[StaticData]:
    """What a local array or structure with initial values stands for: its only string, else itself."""
    texts = _STRING.findall(declared.initialiser or "")
    if len(texts) == 1 and not declared.arrays:
        yield from (_as(each, name) for each in _of_text(c, texts[0], declared.span, 0))
    elif not re.fullmatch(r"\{\s*0?\s*\}", declared.initialiser or ""):
        yield StaticData(name, Storage.TABLE, span, declared)


def _as(data: StaticData, called: str) -> StaticData:
    return StaticData(data.name, data.storage, data.span, data.declared, called)


def _of_text(c: CFile, text: str, span: Span, depth: int) -> Iterator[StaticData]:
    """What an expression, a macro's value or an initialiser is made of; `span` is where it is."""
    for literal in _STRING.finditer(text):
        at = c.line(span.line).find(literal[0], span.column - 1)
        exact = Span(span.line, at + 1, span.line, at + 1 + len(literal[0])) if at >= 0 else span
        yield StaticData(literal[0], Storage.STRING, exact)
    for name in dict.fromkeys(_WORD.findall(_STRING.sub(" ", text))):
        if c.declaration_of(name, span.line) is not None or name in c.macros:
            yield from _named(c, name, span, depth)


def _passed(c: CFile, function: Function, parameter: str, depth: int) -> Iterator[StaticData]:
    """What the callers of a function pass for one of its parameters."""
    position = next((n for n, each in enumerate(function.params) if each.name == parameter), None)
    if position is None:
        return
    call_text = re.compile(rf"\b{re.escape(function.name)}\s*\(")
    for number, text in enumerate(c.lines, 1):
        if not call_text.search(text) or number == function.start:
            continue
        for call in c.calls_on(number):
            if call.name == function.name and call.span.line == number and position < len(call.args):
                given = call.args[position]
                yield from _of_text(c, given.text, given.span, depth)
