"""Writes reads of kernel memory with BPF_CORE_READ, where the program has its header: one expression each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.source.cvalues import Access, AccessKind, Span

_HEADER = "bpf/bpf_core_read.h"
_FIELDS = re.compile(r"(?:->\w+(?:\.\w+)*)+")


def as_macros(at: Site, reads: Iterable[Access], in_user_memory: bool) -> tuple[Plan, ...]:
    """`task->real_parent->tgid` becomes `BPF_CORE_READ(task, real_parent, tgid)`; () where one can't be."""
    if _HEADER not in at.c.includes:
        return ()
    macro = "BPF_PROBE_READ_USER" if in_user_memory else "BPF_CORE_READ"
    return tuple(_replaced(at, list(reads), macro))


def _replaced(at: Site, reads: list[Access], macro: str) -> Iterator[Plan]:
    plans: list[Plan] = []
    for read in reads:
        if any(_holds(other.span, read.span) for other in reads if other is not read):
            continue  # it is part of a longer one
        inner = [other for other in reads if _holds(read.span, other.span)]
        first = min(inner, key=lambda each: len(each.text))
        whole, span = _with_members(at, read)
        fields = whole[len(first.base) :]
        if (
            first.kind is not AccessKind.ARROW
            or not whole.startswith(first.base)
            or span.line != span.end_line
        ):
            return
        if not _FIELDS.fullmatch(fields):
            return
        text = f"{macro}({first.base}, {', '.join(fields.removeprefix('->').split('->'))})"
        plans.append(at.replacement(span.line, span.column, span.end_column, text))
    yield from plans


def _with_members(at: Site, read: Access) -> tuple[str, Span]:
    """`sk->common.family`, of which `sk->common` is the read."""
    longer = [
        each
        for each in at.c.accesses_on(read.span.line, read.span.column)
        if each.kind is AccessKind.DOT
        and (each.span.line, each.span.column) == (read.span.line, read.span.column)
        and each.text.startswith(f"{read.text}.")
    ]
    found = max(longer, key=lambda each: len(each.text), default=read)
    return found.text, found.span


def _holds(outer: Span, inner: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (
        (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )
