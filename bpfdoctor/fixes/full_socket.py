"""Tests a socket that may be none, and makes a full one of it, before a helper gets it."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.argument import argument_of
from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import Plan, site
from bpfdoctor.model.diagnosis import Facts


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `code`, its lines. The test alone, as later kernels take; then a full socket."""
    at, argument = site(context), argument_of(context)
    if at is None or argument is None or argument.span.line != argument.span.end_line:
        return
    kind, given = str(context.captures.get("kind")), argument.text
    replaced: tuple[Plan, ...] = ()
    made: list[str] = []
    if given == f"{at.context}->sk":
        name, span = at.fresh_name("sk"), argument.span
        made = [f"struct bpf_sock *{name} = {given};", ""]
        replaced = (at.replacement(span.line, span.column, span.end_column, name),)
    else:
        name = given
        declared = at.c.declaration_of(name, at.line) if name.isidentifier() else None
        if declared is None or not declared.pointer or kind == "ctx":
            return
    leave = at.c.style.indent + way_out.of_null(at, at.line)
    test = [f"if (!{name})", leave]
    full = [f"{name} = bpf_sk_fullsock({name});", *test]
    for code in ([*test], [*test, *full]) if kind.endswith("_or_null") else ([*full],):
        inserted = at.lines_before(at.line, [*made, *code], argument.span.column)
        if inserted:
            yield (*inserted, *replaced)
