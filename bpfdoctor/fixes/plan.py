"""Where a change goes, and what the user calls the things in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import dataclass, field, replace
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    import re

    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Function, Statement


COMMENT = later(r"/\*.*?\*/|//.*")  # one that begins and ends in a line
_INTEGERS = r"int|long|short|char|(?:__)?s\d+|int\d+_t|ssize_t"
# A type that `= 0` initialises; `= {0}` does so for all others, typedefs of structures included.
SCALAR = later(
    r"(?:.* )?(?:char|short|int|long|signed|unsigned|_?[Bb]ool|float|double|enum \w+|s?size_t"
    r"|u(?:short|int|long)|(?:__)?(?:[us]|be|le)(?:8|16|32|64)|u?int(?:8|16|32|64)_t"
    r"|(?:pid|[ug]id|dev|ino|l?off|umode|sector)_t)"
)
_SIGNED = later(rf"^(?:(?:signed|const|volatile) )*(?:{_INTEGERS})\b")
_WITH_CTX = (
    *("BPF_PROG", "BPF_KPROBE", "BPF_KRETPROBE", "BPF_UPROBE", "BPF_URETPROBE"),
    *("BPF_KSYSCALL", "BPF_USDT"),
)
_MEMBER = later(r"\w+(?:(?:->|\.)\w+)*(?:->|\.)(\w+)")
_WIDE = later(r"64|long|size_t")


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines `first`..`last` become the rule's `code` filled with `values` (last = first - 1: an insertion).

    `indent` goes before every line of the code; four spaces in the code stand for one level, `unit`.
    `lines` is what to put there when the change is no template's; () takes the lines out.

    With `column` only what lies between it and `end_column` of line `last` changes (1-based, exclusive): it
    becomes `text`, or the code on one line. Such plans may share a line.
    """

    file: str
    first: int
    last: int
    values: Mapping[str, Any] = field(default_factory=dict)
    indent: str = ""
    unit: str = "    "
    lines: tuple[str, ...] | None = None
    column: int | None = None
    end_column: int = 0
    text: str | None = None
    after: str = ""  # what follows the code on its line


def everywhere(file: str, c: CFile, uses: re.Pattern[str], text: str) -> tuple[Plan, ...]:
    """`text` for the first group of every match in a file; every change has its own text."""
    return tuple(
        Plan(file, number, number, column=found.start(1) + 1, end_column=found.end(1) + 1, text=text)
        for number in range(1, len(c.lines) + 1)
        for found in uses.finditer(c.line(number))
    )


@dataclass(frozen=True, slots=True)
class Site:
    """The refused line in the user's text."""

    file: str
    line: int
    column: int | None
    c: CFile
    function: Function

    @property
    def leave(self) -> str:
        """`return XDP_PASS;` as the function says "nothing special"."""
        value = self.c.pass_value(self.function)
        return f"return {value};" if value else "return;"

    @property
    def context(self) -> str | None:
        """The program's own parameter; None in a function that is no program."""
        if (self.function.macro or "").startswith(_WITH_CTX):
            return "ctx"  # which the macro declares
        return self.function.params[0].name if self.function.section and self.function.params else None

    def unsigned(self, text: str) -> str:
        """An index or a length in a form that is never negative: cast, unless it is unsigned already."""
        declared = self.c.declaration_of(text, self.line) if text.isidentifier() else None
        if declared is not None and not _SIGNED.match(declared.type):
            return text
        if declared is None and (members := self._types_of_member(text)):
            return text if not any(map(_SIGNED.match, members)) else f"(unsigned long)({text})"
        if declared is None:  # of which nobody knows how wide it is
            return f"(unsigned long)({text})"
        return f"({'unsigned long' if _WIDE.search(declared.type) else 'unsigned int'}){text}"

    def _types_of_member(self, text: str) -> set[str]:
        """The types of all members that are called like the one that a text ends in."""
        member = _MEMBER.fullmatch(text)
        structs = self.c.structs.values() if member is not None else ()
        return {field.type for each in structs for field in each.fields if member and field.name == member[1]}

    def fresh_name(self, wish: str, taken: set[str] | None = None) -> str:
        """A name for a new variable that means nothing here yet; it is `taken` from then on."""
        name = wish if wish.isidentifier() else "value"
        first = f"{name}_copy" if self._means_something(name) else name
        taken = set() if taken is None else taken
        names = chain((first,), (f"{name}{number}" for number in count(2)))
        fresh = next(each for each in names if each not in taken and not self._means_something(each))
        taken.add(fresh)
        return fresh

    def _means_something(self, name: str) -> bool:
        here = self.c.mentions(name, self.function.start, self.function.end)
        known = here or self.c.declaration_of(name, self.line) or self.c.function(name)
        return bool(known) or name in self.c.macros or name in self.c.maps

    def insertion(self, before: int, values: Mapping[str, Any]) -> tuple[Plan, ...]:
        """New lines before line `before`, indented like it."""
        indent, unit = self.c.indent_of(before), self.c.style.indent
        return (Plan(self.file, before, before - 1, self._code_values(values), indent, unit),)

    def replacement(self, line: int, column: int, end_column: int, text: str) -> Plan:
        """Columns `column`..`end_column` (1-based, exclusive) of a line replaced."""
        return Plan(self.file, line, line, column=column, end_column=end_column, text=text)

    def before(self, line: int, values: Mapping[str, Any], column: int | None = None) -> tuple[Plan, ...]:
        """New statements before the one at `line` (and `column`); () where none can stand.

        A statement that is the whole body of an `if` gets braces first. One that shares its line with others
        gets them on that line.
        """
        statement = self.c.statement_at(line) if column is None else self.c.statement_around(line, column)
        if statement is None:
            return ()
        span = statement.span
        first, last = span.line, span.end_line
        alone = not self.c.line(first)[: span.column - 1].strip()
        if statement.braced and alone:
            return self.insertion(first, values)
        if statement.braced:
            return (self._inline(span.line, span.column, values),)
        head = COMMENT.sub("", self.c.line(first - 1)).rstrip()
        if not alone or first - 1 <= self.function.start or not head.endswith((")", "else")):
            if alone or column is None:
                return ()
            closed = self.replacement(last, span.end_column, span.end_column, " }")
            return (self._inline(span.line, span.column, values, opened="{ "), closed)
        end = len(head) + 1
        opened = self.replacement(first - 1, end, end, " {")
        closed = Plan(self.file, last + 1, last, lines=(self.c.indent_of(first - 1) + "}",))
        return (*self.insertion(first, values), opened, closed)

    def lines_before(self, line: int, code: Iterable[str], column: int) -> tuple[Plan, ...]:
        """The same for a rule whose code is `{% for line in code %}`: the fixer writes the lines itself."""
        return self.before(line, {"code": tuple(code)}, column)

    def behind(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Plan, ...]:
        """New statements directly after one in a block, in lines of their own where it ends its line.

        After declarations that a blank line ends they come below that.
        """
        span = statement.span
        if COMMENT.sub("", self.c.line(span.end_line)[span.end_column - 1 :]).strip():
            return (self._inline(span.end_line, span.end_column, values, opened=" ", after=""),)
        line = span.end_line + 1
        if statement.kind == "declaration" and not self.c.line(line).strip():
            line += 1
        inserted = self.insertion(line, values)[0]
        return (replace(inserted, indent=self.c.indent_of(span.line)),)

    def _inline(
        self, line: int, column: int, values: Mapping[str, Any], opened: str = "", after: str = " "
    ) -> Plan:
        """The code on one line, at a place."""
        return Plan(
            self.file,
            line,
            line,
            self._code_values(values),
            indent=opened,
            column=column,
            end_column=column,
            after=after,
        )

    def _code_values(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"leave": self.leave, "pass": self.c.pass_value(self.function), **values}


def beginning(at: Site, function: Function, code: Iterable[str]) -> tuple[Plan, ...]:
    """Lines at the beginning of a function's body; () where a macro makes the body."""
    body, line = function.body, at.c.line(function.body.line)
    if line[body.column - 1 :][:1] != "{":
        return ()
    if body.line == body.end_line or line[body.column :].strip():
        text, column = " " + " ".join(each.strip() for each in code if each), body.column + 1
        return (Plan(at.file, body.line, body.line, column=column, end_column=column, text=text),)
    indent = at.c.indent_of(body.end_line) + at.c.style.indent
    lines = tuple(indent + each if each else "" for each in code)
    return (Plan(at.file, body.line + 1, body.line, lines=lines),)


def site(context: Context, at: Place | None = None) -> Site | None:
    """The place (default: the refused one) in a function of the user's own file; None when it isn't there."""
    place = at or (context.source.place(context.step) if context.step else None)
    if place is None or (c := context.source.c(place.file)) is None:
        return None
    function = c.function_at(place.line)
    return Site(place.file, place.line, place.column, c, function) if function else None
