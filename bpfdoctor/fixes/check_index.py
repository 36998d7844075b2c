"""Compares an index with the length of its array, in front of the statement that uses it."""

from __future__ import annotations

import re

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.source.cvalues import Access


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `index`, `count` (entries), `leave`; `index` is cast when it may be negative."""
    at = site(context)
    if at is None:
        return ()
    for access in at.c.accesses_on(at.line):
        if access.kind == "index" and not access.member.isdigit() and (count := _count(at, access, facts)):
            return at.before(at.line, {"index": at.unsigned(access.member), "count": count})
    return ()


def _count(at: Site, access: Access, facts: Facts | None) -> str | None:
    """How many entries the array has, as the user wrote it; sizeof arithmetic where that isn't to be seen."""
    member = re.split(r"->|\.", access.base)[-1]
    if member == access.base:
        declared = at.c.declaration_of(member, at.line)
        if declared and declared.arrays and declared.arrays[0]:
            return declared.arrays[0]
    else:
        sizes = {
            f.arrays[0] for s in at.c.structs.values() for f in s.fields if f.name == member and f.arrays
        }
        if len(sizes) == 1:
            return sizes.pop()
        return f"sizeof({access.base}) / sizeof({access.base}[0])"
    size, element = getattr(facts, "value_size", None), getattr(facts, "size", None)
    return str(size // element) if size and element else None
