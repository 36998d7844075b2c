"""Copies a small structure with a helper and uses the copy: bit fields have no address to read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.source.cvalues import Access, AccessKind


def whole_copied(at: Site, reads: Sequence[Access], helper: str) -> tuple[Plan, ...]:
    """`ip->version` becomes `ip_copy.version`, of a copy that is made where the pointer is.

    Values for the code: `code`, its lines. () unless all reads are members behind one pointer, set once.
    """
    roots = {each.base for each in reads}
    name = next(iter(roots), "")
    declared = at.c.declaration_of(name, at.line) if name.isidentifier() else None
    made = at.c.assignments(name, at.function.start, at.function.end) if declared else ()
    if len(roots) != 1 or declared is None or declared.struct is None or len(made) != 1:
        return ()
    if any(each.kind is not AccessKind.ARROW or each.span.line < made[0].span.line for each in reads):
        return ()
    maker = at.c.statement_around(made[0].span.line, made[0].span.column)
    if maker is None or not maker.braced or maker.in_head or not declared.pointer:
        return ()
    copy = at.fresh_name(f"{name}_copy")
    lines = (
        f"{declared.struct} {copy} = {{}};",
        "",
        f"{helper}(&{copy}, sizeof({copy}), {name});",
    )
    return (*at.behind(maker, {"code": lines}), *_replaced(at, reads, name, copy))


def _replaced(at: Site, reads: Sequence[Access], name: str, copy: str) -> Iterator[Plan]:
    for each in reads:
        line, column = each.span.line, each.span.column
        arrow = f"{name}->"
        if at.c.line(line)[column - 1 :].startswith(arrow):
            yield at.replacement(line, column, column + len(arrow), f"{copy}.")
