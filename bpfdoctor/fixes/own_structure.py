"""Declares the structure itself where only a pointer to one is declared, and never set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.structure import Structure
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Declaration


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Every change has its own text: `struct event *e;` becomes `struct event e = {};`, `e->` `e.`."""
    at = site(context, facts.at) if isinstance(facts, Structure) else site(context)
    if at is None:
        return ()
    known = {name: at.c.declaration_of(name, at.line) for name in at.c.names_on(at.line)}
    unset = [each for each in known.values() if each is not None and _is_never_set(at, each)]
    return tuple(_declared(at, unset[0])) if len(unset) == 1 else ()


def _is_never_set(at: Site, declared: Declaration) -> bool:
    name = declared.name
    if declared.scope != "local" or declared.initialiser is not None or not declared.alone:
        return False
    is_pointer = declared.struct is not None and declared.type.count("*") == 1 and not declared.arrays
    first, last = at.function.start, at.function.end
    text = "\n".join(at.c.line(line) for line in range(first, last + 1))
    return (
        is_pointer and not at.c.assignments(name, first, last) and not re.search(rf"&\s*{name}\b(?!->)", text)
    )


def _declared(at: Site, declared: Declaration) -> Iterator[Plan]:
    name, span = declared.name, declared.statement
    for line in range(span.line, at.function.end + 1):
        old = at.c.line(line)
        if line == span.line:
            before, after = old[: span.column - 1], old[span.column - 1 :]
            new = before + re.sub(rf"\*\s*{name}\b", f"{name} = {{}}", after, count=1)
        else:
            new = re.sub(rf"(?<![\w.>])\*\s*{name}\b(?!->)", name, old)
            new = re.sub(rf"(?<![\w.>]){name}->", f"{name}.", new)
            new = re.sub(rf"(?<![\w.>&*]){name}\b(?![.\w])(?!\s*\()", f"&{name}", new)
            new = re.sub(rf"sizeof\s*\(&{name}\)|sizeof\s+&{name}\b", f"sizeof({name})", new)
        if new != old:
            yield Plan(at.file, line, line, lines=(new,))
