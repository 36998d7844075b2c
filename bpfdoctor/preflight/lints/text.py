"""A program's functions in the user's text, and what their variables stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.pattern import later
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Comparison, Declaration, Function, Span
from bpfdoctor.source.syntax_types import SyntaxTypes, UnknownType

_NUMBER = later(r"\(*\s*(?:\(\w+\)\s*)?(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\s*\)*")
_NAME = later(r"[A-Za-z_]\w*")
_DEEPEST = 4  # macros of macros, variables of variables


class ProgramText:
    """The function of a program and those that it calls, in one file."""

    def __init__(self, c: CFile, file: str, start: Function) -> None:
        self.c, self.file, self.start = c, file, start

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        return self.c.reached(self.start)

    def comparisons(self) -> Iterator[tuple[Function, Comparison]]:
        """Each twice, as `a == b` and as `b == a`."""
        for function in self.functions:
            for each in self.c.comparisons(function.start, function.end):
                yield function, each
                yield function, Comparison(each.right, each.left, each.span)

    def value_of(self, name: str, function: Function) -> str | None:
        """What a local variable always stands for: the one value that is ever put into it."""
        declared = self.c.declaration_of(name, function.end)
        if declared is None or declared.scope != "local":
            return None
        given = self.c.assignments(name, function.start, function.end)
        written = [use for use in self.c.uses(name, function.start, function.end) if use.address]
        return given[0].value if len(given) == 1 and given[0].operator == "=" and not written else None

    def declared(self, name: str, function: Function) -> Declaration | None:
        return self.c.declaration_of(name, function.end) if _NAME.fullmatch(name) else None

    def size_of(self, name: str, function: Function) -> int | None:
        """The bytes of a variable; None where the text does not tell."""
        declared = self.declared(name, function)
        if declared is None or declared.pointer:
            return None
        types = SyntaxTypes(self.c)
        try:
            known = types.declared(
                re.sub(r"\b(?:const|volatile|static)\b", "", declared.type).strip(), declared.arrays
            )
            return types.size(known) if known is not None else None
        except UnknownType:
            return None

    def number(self, text: str, depth: int = 0) -> int | None:
        """The number that a constant stands for, a macro of the text's own, too."""
        if found := _NUMBER.fullmatch(text.strip()):
            return int(found[1], 16) if found[1][:2] in ("0x", "0X") else int(found[1])
        macro = self.c.macros.get(text.strip())
        if macro is not None and macro.params is None and depth < _DEEPEST:
            return self.number(macro.value, depth + 1)
        return None

    def default_of(self, name: str, function: Function) -> int | None:
        """The number that a constant of a loader's has in the text: `const volatile u16 port = 80`; not 0."""
        declared = self.declared(name, function)
        if declared is None or declared.scope != "global" or "const" not in declared.type:
            return None
        return (self.number(declared.initialiser) or None) if declared.initialiser else None

    def place(self, span: Span, function: Function) -> Place:
        one_line = span.end_line == span.line
        end = span.end_column if one_line else None
        return Place(self.file, span.line, span.column, end, function.name, self.c.line(span.line))
