"""Reserves as much of a ring buffer as the record's type takes."""

from __future__ import annotations

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """`bpf_ringbuf_reserve(&events, sizeof(e), 0)` becomes `…, sizeof(*e), …` where e is what is accessed."""
    at = site(context)
    if at is None:
        return ()
    used = at.c.names_on(at.line)
    for made in at.c.assignments(None, at.function.start, at.line):
        declared = at.c.declaration_of(made.target, made.span.line) if made.target in used else None
        if declared is None or not declared.pointer or "void" in declared.type.split():
            continue
        for call in at.c.calls_on(made.span.line):
            size = call.args[1] if call.name == "bpf_ringbuf_reserve" and len(call.args) == 3 else None
            wanted = f"sizeof(*{made.target})"
            if size is not None and size.text != wanted and size.span.line == size.span.end_line:
                span = size.span
                return (at.replacement(span.line, span.column, span.end_column, wanted),)
    return ()
