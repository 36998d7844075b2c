"""Puts a call that gives an object back where nothing uses the object any more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.helper_args import HelperArgs
from bpfdoctor.analysis.collectors.number_origin import NumberOrigin
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import COMMENT, Plan, Site, site
from bpfdoctor.kernel import calls
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Call


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `leave`, where the object was given back for leaving; a move has its own text."""
    released = facts.invalidated if isinstance(facts, NumberOrigin | HelperArgs) else None
    at = site(context)
    gone = site(context, context.source.place(released)) if released is not None else None
    if at is None or gone is None or gone.function != at.function or gone.line >= at.line:
        return
    call = next((each for each in at.c.calls_on(gone.line) if calls.released_argument(each.name)), None)
    statement = at.c.statement_at(gone.line)
    if call is None or statement is None or statement.kind != "expression_statement":
        return
    under = [each for each in at.c.conditions_before(gone.line) if each.encloses and each.kind == "if"]
    inner = under[-1] if under else None
    if inner is not None and not _is_under(at, at.line, inner.span.line):
        yield _left_after(gone)
    else:
        yield _moved(at, gone.line, call)


def _is_under(at: Site, line: int, condition: int) -> bool:
    return any(each.encloses and each.span.line == condition for each in at.c.conditions_before(line))


def _left_after(gone: Site) -> tuple[Plan, ...]:
    """`if (failed) discard(e);` becomes `if (failed) { discard(e); return 0; }`."""
    statement = gone.c.statement_at(gone.line)
    leave = way_out.of_null(gone, gone.line)
    if statement is None:
        return ()
    if statement.braced:
        return gone.behind(statement, {"leave": leave})
    line, indent = statement.span.line, gone.c.indent_of(statement.span.line)
    head = COMMENT.sub("", gone.c.line(line - 1)).rstrip()
    if statement.span.end_line != line or not head.endswith(")") or not gone.c.stands_alone(statement.span):
        return ()
    end = len(head) + 1
    opened = gone.replacement(line - 1, end, end, " {")
    lines = (indent + leave, gone.c.indent_of(line - 1) + "}")
    return (opened, Plan(gone.file, line + 1, line, lines=lines))


def _moved(at: Site, line: int, call: Call) -> tuple[Plan, ...]:
    """The call after the last statement of its block that uses the object; no branch may lie between."""
    statement = at.c.statement_at(line)
    pointer = call.args[calls.released_argument(call.name) - 1].text.strip()
    if statement is None or not at.c.stands_alone(statement.span) or not pointer.isidentifier():
        return ()
    uses = [span.line for span in at.c.mention_spans(pointer, line + 1, at.function.end)]
    indent = at.c.indent_of(line)
    last = at.c.statement_at(uses[-1]) if uses else None
    if last is None or not last.braced or at.c.indent_of(last.span.line) != indent:
        return ()
    between = range(line + 1, last.span.end_line + 1)
    if any(calls.released_argument(each.name) for n in between for each in at.c.calls_on(n)):
        return ()
    if any(re.search(r"\b(?:return|goto|break|continue)\b", at.c.line(each)) for each in between):
        return ()
    text = at.c.line(line)
    return (
        Plan(at.file, line, line, lines=()),
        Plan(at.file, last.span.end_line + 1, last.span.end_line, lines=(text,)),
    )
