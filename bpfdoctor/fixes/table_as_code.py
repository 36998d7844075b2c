"""Turns a table of numbers into a function with a switch: `sizes[i]` becomes `sizes_at(i)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.source.cvalues import Access, AccessKind, Declaration

_MOST = 64  # entries
_ENTRY = re.compile(r"(?:\[\s*(\d+|'.')\s*\]\s*=\s*)?([\w\s+\-*/<|()']+)")
_INTEGER = re.compile(
    r"(?:(?:const|static|volatile|unsigned|signed|long|short|int|char|bool|[us]\d+|__[us]\d+)\s*)+"
)


def as_code(at: Site, table: Declaration) -> tuple[Plan, ...]:
    """() where the table is anything but a list of numbers that is only read by index."""
    entries = _entries(table)
    accesses = list(_accesses(at, table))
    statement = table.statement
    if not entries or not accesses or not table.alone or len(table.arrays) != 1:
        return ()
    if not _INTEGER.fullmatch(table.type) or statement.line != statement.end_line:
        return ()
    name = f"{table.name}_at"
    if at.c.function(name) is not None or _named(at, table) != len(accesses):
        return ()
    type_ = " ".join(word for word in table.type.split() if word not in ("const", "static", "volatile"))
    unit = at.c.style.indent
    code = [
        f"static inline {type_} {name}(unsigned int i)",
        "{",
        f"{unit}switch (i) {{",
        *(f"{unit}case {index}: return {value};" for index, value in entries),
        f"{unit}}}",
        f"{unit}return 0;",
        "}",
    ]
    replaced = [
        at.replacement(a.span.line, a.span.column, a.span.end_column, f"{name}({a.member})") for a in accesses
    ]
    return (*_in_its_place(at, table, code), *replaced)


def _in_its_place(at: Site, table: Declaration, code: list[str]) -> Iterator[Plan]:
    """The function where the table was; a local table's goes before the function that it was in."""
    line, statement = table.statement.line, table.statement
    alone = at.c.stands_alone(statement)
    if table.scope == "global":
        if alone:
            yield Plan(at.file, line, line, lines=tuple(code))
        else:
            yield at.replacement(line, statement.column, statement.end_column, " ".join(map(str.strip, code)))
        return
    function = at.c.function_at(line)
    start = function.start if function else line
    yield Plan(at.file, start, start - 1, lines=(*code, ""))
    if alone:
        yield Plan(at.file, line, line, lines=())
    else:
        yield at.replacement(line, statement.column, statement.end_column, "")


def _entries(table: Declaration) -> list[tuple[int, str]]:
    """(index, value) of an initialiser that lists numbers."""
    text = (table.initialiser or "").strip()
    if not text.startswith("{") or not text.endswith("}"):
        return []
    found: list[tuple[int, str]] = []
    following = 0
    for part in (piece.strip() for piece in text[1:-1].split(",")):
        entry = _ENTRY.fullmatch(part) if part else None
        if part and entry is None:
            return []
        if entry is not None:
            index = int(entry[1]) if entry[1] and entry[1].isdigit() else following
            following = index + 1
            found.append((index, entry[2].strip()))
    return found if len(found) <= _MOST else []


def _accesses(at: Site, table: Declaration) -> Iterator[Access]:
    """`table[i]`, wherever the table is the one meant."""
    seen = set()
    for number, line in enumerate(at.c.lines, 1):
        if table.name not in line:
            continue
        for access in at.c.accesses_on(number):
            if access.kind is not AccessKind.INDEX or access.base != table.name or access.span in seen:
                continue
            if access.span.line != number or access.span.end_line != number:
                continue
            if at.c.declaration_of(table.name, number) == table and not (access.written or access.address):
                seen.add(access.span)
                yield access


def _named(at: Site, table: Declaration) -> int:
    """How often the table is named, its declaration left out."""
    first, last = 1, len(at.c.lines)
    if table.scope != "global" and (function := at.c.function_at(table.statement.line)) is not None:
        first, last = function.start, function.end
    return at.c.mentions(table.name, first, last) - 1
