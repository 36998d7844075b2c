"""Copies what lies behind a kernel pointer into a variable with a helper, and uses the variable."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan, site


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `type`, `copy` (the new variable), `address` (what to read)."""
    at = site(context)
    if at is None or (before := at.before_statement(at.line)) is None:
        return ()
    for access in at.c.accesses_on(at.line):
        if access.address or access.written or access.span.line != access.span.end_line:
            continue
        if access.kind not in ("arrow", "deref", "index"):
            continue
        copy = _name(at.c.text, access.member if access.member.isidentifier() else access.root)
        address = access.base if access.kind == "deref" else f"&{access.text}"
        values = {"type": f"typeof({access.text})", "copy": copy, "address": address}
        replaced = at.replacement(access.span.line, access.span.column, access.span.end_column, copy)
        return (*at.insertion(before, values), replaced)
    return ()


def _name(text: str, wish: str) -> str:
    """A name for the copy that the file does not use yet."""
    name = wish if wish.isidentifier() else "value"
    return (
        name
        if f"{name} " not in text and f"{name};" not in text and f"{name}," not in text
        else f"{name}_copy"
    )
