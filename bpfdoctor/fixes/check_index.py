"""Compares an index with the length of its array, before the statement, or in the loop's condition."""

from __future__ import annotations

import re

from bpfdoctor.analysis.collectors.map_value_range import ObjectRange
from bpfdoctor.analysis.collectors.scalar_range import ScalarRange
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Access, AccessKind, Condition


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `index`, `count` (entries), `leave`; `index` is cast when it may be negative."""
    at = site(context)
    if at is None:
        return ()
    for access in at.c.accesses_on(at.line, at.column):
        if (
            access.kind is AccessKind.INDEX
            and not access.member.isdigit()
            and (count := _count(context, at, access, facts))
        ):
            index = at.unsigned(access.member)
            if head := _condition_of_loop(at, access):
                return _in_condition(at, head, f"{index} < {count}")
            return at.before(access.span.line, {"index": index, "count": count}, access.span.column)
    return ()


def _condition_of_loop(at: Site, access: Access) -> Condition | None:
    """The condition of a loop with the access in it: a test before the loop would be made only once."""
    use = access.span
    return next(
        (
            each
            for each in at.c.conditions_before(at.line)
            if each.kind in ("while", "for", "do")
            and each.span.line == each.span.end_line == use.line
            and each.span.column <= use.column < each.span.end_column
        ),
        None,
    )


def _in_condition(at: Site, head: Condition, test: str) -> tuple[Plan, ...]:
    """`while (a[i])` becomes `while (i < 16 && a[i])`."""
    line, span = at.c.line(head.span.line), head.span
    parenthesised = line[span.column - 1 : span.end_column - 1].startswith("(") and head.kind != "for"
    rest = f"({head.text})" if re.search(r"\|\||\?|=(?!=)", re.sub(r"[=!<>]=", "", head.text)) else head.text
    text = f"{test} && {rest}"
    return (at.replacement(span.line, span.column, span.end_column, f"({text})" if parenthesised else text),)


def _count(context: Context, at: Site, access: Access, facts: Facts | None) -> str | None:
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
        # The size of a member that is a pointer is not that of what it points to.
        if any(f.name == member for s in at.c.structs.values() for f in s.fields):
            return _in_the_log(context, facts)
        return f"sizeof({access.base}) / sizeof({access.base}[0])"
    return _in_the_log(context, facts)


def _in_the_log(context: Context, facts: Facts | None) -> str | None:
    """As many entries as the memory has after the pointer, as the verifier knows it."""
    size = element = None
    if isinstance(facts, ObjectRange):
        size, element = facts.object_size, facts.size
    elif isinstance(facts, ScalarRange) and facts.state is not None and facts.state.value_size:
        size = facts.state.value_size - (facts.state.off or 0)
        element = context.step.insn.size if context.step else None
    return str(size // element) if size and element and size >= element else None
