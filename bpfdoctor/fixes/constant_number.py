"""Turns a number that never changes into a macro, or into a local variable where its address is taken."""

from __future__ import annotations

import re

from bpfdoctor.fixes.plan import Plan, Site, beginning
from bpfdoctor.source.cvalues import Declaration

_LITERAL = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*|'(?:[^'\\]|\\.)'")
# Methods of BCC's maps that read their first argument.
_KEYS = re.compile(
    r"\.\s*(?:lookup\w*|delete|update|insert|increment|atomic_increment|call|perf_read)\s*\(\s*$"
)


def never_changes(at: Site, declared: Declaration) -> bool:
    """Whether nothing in the program writes a number: it is read, or a map's key."""
    if declared.arrays or declared.struct or not _LITERAL.fullmatch(declared.initialiser or ""):
        return False
    for use in at.c.uses(declared.name):
        before = at.c.line(use.span.line)[: use.span.column - 1].rstrip()
        if use.written or (use.address and not _KEYS.search(before.removesuffix("&"))):
            return False
    return True


def as_number(at: Site, declared: Declaration) -> tuple[Plan, ...]:
    """`const volatile int limit = 10;` becomes `#define limit 10`; where its address is taken, a local."""
    statement, value = declared.statement, declared.initialiser or "0"
    if not declared.alone or statement.line != statement.end_line or not _LITERAL.fullmatch(value):
        return ()
    if declared.scope != "global" or not at.c.stands_alone(statement):
        return ()
    functions = [f for f in at.c.functions if at.c.mentions(declared.name, f.start, f.end)]
    if sum(at.c.mentions(declared.name, f.start, f.end) for f in functions) + 1 != at.c.mentions(
        declared.name
    ):
        return ()
    uses = [use for f in functions for use in at.c.uses(declared.name, f.start, f.end)]
    if not any(use.address for use in uses):
        return (Plan(at.file, statement.line, statement.line, lines=(f"#define {declared.name} {value}",)),)
    type_ = re.sub(r"\b(?:static|volatile|const)\s+", "", f"{declared.type} ").strip()
    code = (f"{type_} {declared.name} = {value};",)
    begun = [beginning(at, function, code) for function in functions]
    gone = Plan(at.file, statement.line, statement.line, lines=())
    return (gone, *(plan for plans in begun for plan in plans)) if all(begun) else ()
