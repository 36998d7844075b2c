"""Reserves as much of a ring buffer as the record's type takes."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Assignment, Declaration, Function


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`bpf_ringbuf_reserve(&events, sizeof(e), 0)` becomes `…, sizeof(*e), …` where e is what is accessed."""
    at = site(context)
    if at is None:
        return ()
    for made, declared in pointers_made(at.c, at.function, at.line):
        if "void" in declared.type.split():
            continue
        for call in at.c.calls_on(made.span.line):
            size = call.args[1] if call.name == "bpf_ringbuf_reserve" and len(call.args) == 3 else None
            wanted = f"sizeof(*{made.target})"
            if size is not None and size.text != wanted and size.span.line == size.span.end_line:
                span = size.span
                return (at.replacement(span.line, span.column, span.end_column, wanted),)
    return ()


def pointers_made(c: CFile, function: Function, line: int) -> Iterator[tuple[Assignment, Declaration]]:
    """The assignments before a line to pointers that it uses."""
    used = c.names_on(line)
    for made in c.assignments(None, function.start, line):
        declared = c.declaration_of(made.target, made.span.line) if made.target in used else None
        if declared is not None and declared.pointer:
            yield made, declared
