"""Answers questions about a BPF program's C text: which function, variable, expression, check, loop is where.

Lines and columns count from 1, columns in characters. Everything is computed when asked; a text that is no C
gives empty answers.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from tree_sitter import Node

from bpfdoctor.source import cdecl, cexpr, cflow, cvariants
from bpfdoctor.source.ctree import Tree
from bpfdoctor.source.cvalues import (
    Access,
    Assignment,
    Call,
    Comparison,
    Condition,
    Declaration,
    Expression,
    Function,
    Lookup,
    Loop,
    MapDeclaration,
    Return,
    Span,
    Statement,
    Struct,
    Style,
    Use,
)
from bpfdoctor.source.cvariants import Variant
from bpfdoctor.source.dialect import MacroDefinition

_STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"')
# Before a word that names no variable: a member, a structure.
_NO_VARIABLE = r"(?<!\.)(?<!->)(?<!\bstruct )(?<!\bunion )(?<!\benum )"
_BRACE_BELOW = re.compile(r"\b(?:if|for|while)\b[^\n]*\)[ \t]*\r?\n[ \t]*\{")
_BRACE_BESIDE = re.compile(r"\b(?:if|for|while)\b[^\n]*\)[ \t]*\{")


class CFile:
    """A C text in the dialect of BPF programs (libbpf or BCC)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = Tree(text)
        self._nodes: dict[Function, Node | None] = {}

    # -- the file ------------------------------------------------------------------------------------------

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; line 1 is lines[0]."""
        return self._tree.lines

    def line(self, number: int) -> str:
        """A line without its end; "" outside of the file."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    @property
    def macros(self) -> dict[str, MacroDefinition]:
        """`#define`s of the file, the last one where a name is defined twice."""
        return {macro.name: macro for macro in self._tree.plain.macros}

    @property
    def includes(self) -> tuple[str, ...]:
        return tuple(self._tree.plain.includes)

    @cached_property
    def structs(self) -> dict[str, Struct]:
        """By "struct name" and typedef name; those declared inside functions are left out."""
        return cdecl.structs(self._tree)

    @cached_property
    def maps(self) -> dict[str, MapDeclaration]:
        return cdecl.maps(self._tree)

    @cached_property
    def style(self) -> Style:
        tabs = sum(line.startswith("\t") for line in self.lines)
        widths = [
            len(line) - len(line.lstrip(" ")) for line in self.lines if line.startswith(" ") and line.strip()
        ]
        steps = [abs(b - a) for a, b in zip([0, *widths], widths, strict=False) if 1 < abs(b - a) <= 8]
        indent = "\t" if tabs >= len(widths) else " " * max(set(steps), key=steps.count, default=4)
        below, beside = len(_BRACE_BELOW.findall(self.text)), len(_BRACE_BESIDE.findall(self.text))
        newline = "\r\n" if self.text.count("\r\n") * 2 > len(self.lines) else "\n"
        return Style(indent, newline, below > beside)

    def stands_alone(self, span: Span) -> bool:
        """Whether nothing else stands on the line of a piece of text."""
        line = self.line(span.line)
        return (
            span.line == span.end_line and not (line[: span.column - 1] + line[span.end_column - 1 :]).strip()
        )

    def indent_of(self, line: int) -> str:
        """The white space a line starts with."""
        text = self.line(line)
        return text[: len(text) - len(text.lstrip(" \t"))]

    # -- functions -----------------------------------------------------------------------------------------

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The functions with a body, in order."""
        return cdecl.functions(self._tree)

    def function(self, name: str) -> Function | None:
        """A function by the name that the kernel or the source gives it, also cut to 15 characters."""
        named = [f for f in self.functions if f.name == name]
        if not named and len(name) == 15:
            named = [f for f in self.functions if f.name.startswith(name)]
        if not named and "__" in name:  # later BCC: kfunc__vmlinux__x for KFUNC_PROBE(x)
            hook = name.rpartition("__")[2]
            named = [f for f in self.functions if f.macro and f.name.rpartition("__")[2] == hook]
        return named[0] if named else None

    def function_at(self, line: int) -> Function | None:
        """The function whose head or body a line belongs to."""
        at = bisect_right(self._starts, line) - 1
        return self.functions[at] if at >= 0 and self.functions[at].end >= line else None

    @cached_property
    def _starts(self) -> list[int]:
        return [function.start for function in self.functions]

    def _node(self, function: Function) -> Node | None:
        if function not in self._nodes:
            self._nodes[function] = cflow.function_node(self._tree, function)
        return self._nodes[function]

    def callees(self, function: Function) -> frozenset[str]:
        """Names of the functions that a function calls or passes on."""
        node = self._node(function)
        known = {other.name for other in self.functions}
        body = node.child_by_field_name("body") if node is not None else None
        return cexpr.names(self._tree, body) & known if body is not None else frozenset()

    def reached(self, start: Function) -> tuple[Function, ...]:
        """A function and all that it calls, directly or not; the nearest first, by name, in every run."""
        found, seen = [start], {start.name}
        for function in found:
            called = self.callees(function) - seen
            seen |= called
            found += [callee for name in sorted(called) if (callee := self.function(name)) is not None]
        return tuple(found)

    def returns(self, function: Function) -> tuple[Return, ...]:
        node = self._node(function)
        return cflow.returns(self._tree, node) if node is not None else ()

    def locals(self, function: Function) -> tuple[Declaration, ...]:
        """What is declared inside a function, in order."""
        node = self._node(function)
        return tuple(cdecl.locals_of(self._tree, node)) if node is not None else ()

    def globals(self) -> tuple[Declaration, ...]:
        """What is declared outside of functions, in order; maps among it."""
        return tuple(cdecl.globals_of(self._tree))

    def pass_value(self, function: Function) -> str:
        """What an inserted check should return: XDP_PASS, TC_ACT_OK, 0 …; "" in a void function."""
        return cflow.pass_value(self._tree, function, self.returns(function))

    # -- names ---------------------------------------------------------------------------------------------

    def declaration_of(self, name: str, line: int) -> Declaration | None:
        """The declaration that a name refers to on a line."""
        return cdecl.declaration_of(self._tree, name, line)

    def uses(self, name: str, first: int = 1, last: int | None = None) -> tuple[Use, ...]:
        """Where a variable is used, in lines first..last."""
        return cexpr.uses(self._tree, name, first, last or len(self.lines))

    def mentions(self, name: str, first: int = 1, last: int | None = None) -> int:
        """How often a variable's name stands in the code of lines first..last and in the file's macros."""
        word = re.compile(rf"{_NO_VARIABLE}\b{re.escape(name)}\b")
        in_macros = sum(len(word.findall(macro.value)) for macro in self._tree.plain.macros)
        return in_macros + len(self.mention_spans(name, first, last))

    def mention_spans(self, name: str, first: int = 1, last: int | None = None) -> tuple[Span, ...]:
        """Where a variable's name stands in the code of lines first..last, sizeof and declarations too."""
        word = re.compile(rf"{_NO_VARIABLE}\b{re.escape(name)}\b")
        start, end = self._tree.bounds(first)[0], self._tree.bounds(last or len(self.lines))[1]
        code = _STRINGS.sub(lambda text: " " * len(text[0]), self._tree.plain.code[start:end])
        return tuple(self._tree.span_of(start + at.start(), start + at.end()) for at in word.finditer(code))

    def assignments(
        self, name: str | None = None, first: int = 1, last: int | None = None
    ) -> tuple[Assignment, ...]:
        """Assignments and initialisers in lines first..last, in order; with `name`, those to that target."""
        found = cexpr.assignments(self._tree, first, last or len(self.lines))
        return tuple(a for a in found if name is None or a.target == name)

    def comparisons(self, first: int = 1, last: int | None = None) -> tuple[Comparison, ...]:
        """What is asked to be equal, or not to be, in lines first..last, in order; cases, too."""
        return tuple(cexpr.comparisons(self._tree, first, last or len(self.lines)))

    def lookups(self, first: int = 1, last: int | None = None) -> tuple[Lookup, ...]:
        """Variables that hold the result of a map look-up made in lines first..last."""
        return tuple(cexpr.lookups(self._tree, first, last or len(self.lines)))

    # -- one line ------------------------------------------------------------------------------------------

    def expression_at(self, line: int, column: int) -> Expression | None:
        """The smallest meaningful expression at a place; for `if` its condition, for `for` its head."""
        return cexpr.expression_at(self._tree, line, column)

    def target_at(self, line: int, column: int) -> Span | None:
        """What is written by the `+=`, `=` or `++` at a place; None when no such operator stands there."""
        return cexpr.target_at(self._tree, line, column)

    def tested_at(self, line: int, column: int) -> Span | None:
        """The test that starts at a place: an if's or loop's condition, up to the next && or ||."""
        return cexpr.tested_at(self._tree, line, column)

    def names_on(self, line: int) -> frozenset[str]:
        """The variables that a line mentions."""
        return cexpr.names_on(self._tree, line)

    def values_on(self, line: int) -> tuple[Expression, ...]:
        """The variables whose value or address a line uses, in order, each time they stand there."""
        return cexpr.values_on(self._tree, line)

    def strings_on(self, line: int) -> tuple[Expression, ...]:
        """String literals on a line, without those whose text itself goes onto the stack."""
        return cexpr.strings_on(self._tree, line)

    def calls_on(self, line: int, column: int | None = None) -> tuple[Call, ...]:
        """Calls that a line is part of, in order; with `column` only those of the statement there."""
        return cexpr.calls_on(self._tree, line, column)

    def accesses_on(self, line: int, column: int | None = None) -> tuple[Access, ...]:
        """Accesses through -> . [] and * that a line is part of, the larger before the ones inside it.

        With `column` only those of the statement there.
        """
        return cexpr.accesses_on(self._tree, line, column)

    def statement_at(self, line: int) -> Statement | None:
        """The statement a line belongs to; an if or a loop only for the lines of its head."""
        return cflow.statement_at(self._tree, line)

    def statement_around(self, line: int, column: int) -> Statement | None:
        """The statement that an expression at a place belongs to."""
        return cflow.statement_around(self._tree, line, column)

    def later_sibling(self, first: int, line: int) -> tuple[Span, Span] | None:
        """(the call alone on line `first`, the later statement of its block that holds `line`)"""
        return cflow.later_sibling(self._tree, first, line)

    # -- control flow --------------------------------------------------------------------------------------

    def conditions_before(self, line: int, name: str | None = None) -> tuple[Condition, ...]:
        """Conditions earlier in the function or around a line, in order; with `name`, those with it."""
        function = self.function_at(line)
        node = self._node(function) if function else None
        return tuple(cflow.conditions_before(self._tree, node, line, name)) if node is not None else ()

    def loops_around(self, line: int) -> tuple[Loop, ...]:
        """Loops that contain a line, innermost first."""
        return cflow.loops_around(self._tree, line)

    def goto_loops(self, line: int) -> tuple[Loop, ...]:
        """Loops that a `goto` to a label above it makes and that contain a line."""
        return tuple(cflow.goto_loops(self._tree, line))

    def variants(self, condition: Span) -> tuple[Variant, ...]:
        """A condition with the small changes that undo a usual slip, the likeliest first."""
        return tuple(cvariants.of_condition(self._tree, condition))

    def number_variants(self, line: int) -> tuple[Variant, ...]:
        """A line with one of its numbers one more or one less."""
        return tuple(cvariants.on_line(self._tree, line))
