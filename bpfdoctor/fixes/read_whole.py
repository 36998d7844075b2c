"""Reads a field of the context so that no compiler joins the read with another, splits or widens it."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.analysis.collectors.context_field import CONTEXTS, ContextField
from bpfdoctor.analysis.collectors.moved_pointer import MovedPointer
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Access, AccessKind


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The reads of a line, or those of several branches that were joined; they have no code."""
    at = site(context)
    if at is None:
        return ()
    if isinstance(facts, ContextField):
        return tuple(_replaced(at, each, _VOLATILE) for each in _whole(at, at.line))
    if isinstance(facts, MovedPointer) and facts.offset is not None:
        return tuple(_replaced(at, each, _BY_ITSELF) for each in _alike(context, at, facts.offset))
    return ()


_VOLATILE = "*(volatile typeof({0}) *)&{0}"
# Two volatile reads may become one with two addresses; inline assembly is never joined.
_BY_ITSELF = '({{ typeof({0}) {1} = {0}; asm volatile("" : "+r"({1})); {1}; }})'


def _replaced(at: Site, access: Access, text: str) -> Plan:
    span = access.span
    new = text.format(access.text, at.fresh_name("field"))
    return at.replacement(span.line, span.column, span.end_column, new)


def _whole(at: Site, line: int) -> Iterator[Access]:
    """The fields of a context that a line reads; of arrays the elements."""
    here = at.c.accesses_on(line)
    elements = {each.base: each for each in here if each.kind is AccessKind.INDEX}
    for each in here:
        if each.kind is AccessKind.ARROW and _is_context(at, each):
            element = [one for one in here if one.kind is AccessKind.INDEX and one.base == each.text]
            wanted = next((one for one in element if one.span.column == each.span.column), each)
            if (
                not wanted.address
                and not wanted.written
                and (wanted is not each or each.text not in elements)
            ):
                yield wanted


def _is_context(at: Site, access: Access) -> bool:
    declared = at.c.declaration_of(access.base, access.span.line) if access.base.isidentifier() else None
    return declared is not None and declared.type.removeprefix("const ") in {
        f"struct {name} *" for name in CONTEXTS
    }


def _alike(context: Context, at: Site, offset: int) -> Iterator[Access]:
    """The reads of the field at `offset`, and those in statements that differ only in the field."""
    names = {
        leaf.path.partition("[")[0]
        for type in CONTEXTS
        for leaf in (context.source.layout(type) or ((), ()))[0]
        if leaf.offset == offset
    }
    for function in at.c.functions:
        reads = [
            (line, each) for line in range(function.start, function.end + 1) for each in _whole(at, line)
        ]
        shapes = {_shape(at, line, each) for line, each in reads if _member(each) in names}
        yield from (each for line, each in reads if _shape(at, line, each) in shapes)


def _member(access: Access) -> str:
    return access.text.rpartition("->")[2].partition("[")[0]


def _shape(at: Site, line: int, access: Access) -> str:
    """The statement without the field."""
    text, span = at.c.line(line), access.span
    return (text[: span.column - 1] + text[span.end_column - 1 :]).strip()
