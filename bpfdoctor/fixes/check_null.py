"""Tests a pointer that may be NULL, directly after the statement that made it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.nullness import Nullness
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.only_where import looked_up_again, only_where_it_is
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import Op
from bpfdoctor.source.cvalues import AccessKind

_MEMBER = re.compile(r"\w+(?:->\w+)+")


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `pointer`, `leave`."""
    at = site(context)
    yield _here(at, context, facts)
    if at is not None:
        yield from _elsewhere(at)


def _elsewhere(at: Site) -> Iterator[tuple[Plan, ...]]:
    """After look-ups that nothing tests, in the file's functions: the compiler joins what two calls do."""
    for function in at.c.functions:
        here = replace(at, function=function, line=function.start, column=None)
        for lookup in at.c.lookups(function.start, function.end):
            tests = (each.names for each in at.c.conditions_before(function.end))
            maker = at.c.statement_around(lookup.span.line, lookup.span.column)
            if (
                lookup.variable
                and maker is not None
                and maker.braced
                and lookup.variable not in set().union(*tests)
            ):
                leave = way_out.of_null(here, lookup.span.line)
                yield here.behind(maker, {"pointer": lookup.variable, "leave": leave})


def _here(at: Site | None, context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    if at is not None and (copied := _member(at, facts)):
        return copied
    if at is not None and (checked := _of_context(at)):
        return checked
    pointer = _pointer(at, context) if at else None
    if at is None or pointer is None:
        return _made_here(at) if at is not None else ()
    if again := looked_up_again(at, pointer) or only_where_it_is(at, pointer):
        return again
    leave = way_out.of_null(at, at.line)
    use = (at.line, at.column or 1)
    made = [a.span for a in at.c.assignments(pointer, at.function.start, at.line) if a.operator == "="]
    made = [span for span in made if (span.end_line, span.end_column if at.column else 1) <= use]
    maker = at.c.statement_around(made[-1].line, made[-1].column) if made else None
    if maker is not None and maker.braced and not maker.kind.endswith(("if_statement", "while_statement")):
        end = (maker.span.end_line, maker.span.end_column if at.column else 1)
        tests = at.c.conditions_before(at.line, pointer)
        asked = any(
            maker.span.end_line < each.span.line < at.line and re.search(r"&&|\|\|", each.text)
            for each in tests
        )
        if end <= use and not asked:  # what the author does where it is NULL must still happen
            return at.behind(maker, {"pointer": pointer, "leave": way_out.of_null(at, maker.span.line)})
    return at.before(at.line, {"pointer": pointer, "leave": leave}, at.column)


def _of_context(at: Site) -> tuple[Plan, ...]:
    """After `task = ctx->task`: that is where the context is read, whatever line uses it."""
    for made in at.c.assignments(None, at.line, at.line):
        declared = at.c.declaration_of(made.target, at.function.end)
        if made.operator != "=" or declared is None or not declared.pointer or at.context is None:
            continue
        if not re.fullmatch(rf"{at.context}->\w+", made.value):
            continue
        statement = at.c.statement_around(made.span.line, made.span.column)
        if statement is not None and statement.braced and not statement.in_head:
            values = {"pointer": made.target, "leave": way_out.of_null(at, made.span.line)}
            return at.behind(statement, values)
    return ()


def _made_here(at: Site) -> tuple[Plan, ...]:
    """For a line that makes a pointer by a call: what is refused there is the compiler's, for a later use."""
    for made in at.c.assignments(None, at.line, at.line):
        declared = at.c.declaration_of(made.target, made.span.line) if made.target.isidentifier() else None
        maker = at.c.statement_around(made.span.line, made.span.column)
        if declared is None or not declared.pointer or "(" not in made.value or maker is None:
            continue
        if maker.braced and maker.kind in ("declaration", "expression_statement"):
            leave = way_out.of_null(at, maker.span.line)
            return at.behind(maker, {"pointer": made.target, "leave": leave})
    return ()


def _member(at: Site, facts: Facts | None) -> tuple[Plan, ...]:
    """For `slot->task->pid`, where the member may be NULL: a copy of it that is tested and then used.

    The verifier takes what is read a second time for another value.
    """
    made = facts.origin if isinstance(facts, Nullness) else None
    if made is None or made.insn.op is not Op.LOAD:
        return ()
    for access in at.c.accesses_on(at.line, at.column):
        base = access.base
        if (
            access.kind is not AccessKind.ARROW
            or "->" not in base
            or not _MEMBER.fullmatch(base)
            or access.address
        ):
            continue
        name = at.fresh_name(base.rpartition("->")[2])
        span = access.span
        first = span.column - 1
        if span.line != span.end_line or at.c.line(span.line)[first : first + len(base)] != base:
            return ()
        made_here = {
            "pointer": name,
            "leave": way_out.of_null(at, span.line),
            "made": f"typeof({base}) {name} = {base};",
        }
        inserted = at.before(span.line, made_here, span.column)
        replaced = at.replacement(span.line, span.column, span.column + len(base), name)
        return (*inserted, replaced) if inserted else ()
    return ()


def _pointer(at: Site, context: Context) -> str | None:
    """The variable that is used without a test: what the access on the refused line starts from."""
    followed = (AccessKind.ARROW, AccessKind.INDEX, AccessKind.DEREF)
    found = [a for a in at.c.accesses_on(at.line, at.column) if a.kind in followed]
    accesses = [a for a in found if not a.address]
    looked_up = {lookup.variable for lookup in at.c.lookups(at.function.start, at.line)}
    column = at.column or 0
    accesses.sort(key=lambda a: not (a.span.line == at.line and a.span.column <= column < a.span.end_column))
    names = [access.root for access in accesses]
    names += [argument.text for call in at.c.calls_on(at.line, at.column) for argument in call.args]
    names += [a.root for a in found if a.address]  # `&p->lock` is made from p
    known = [name for name in names if name in looked_up]
    if known:
        return next((name for name in known if not at.c.conditions_before(at.line, name)), known[0])
    called = context.called(context.captures.get("reg"))
    if called and called.isidentifier():
        return called
    pointers = [
        name
        for name in names
        if name.isidentifier() and (d := at.c.declaration_of(name, at.line)) and d.pointer
    ]
    return pointers[0] if pointers else None
