"""Makes a call before a lock is taken, or after it is released."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.section_state import Section
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Call, Statement

_WORD = re.compile(r"(?<![\w>.])[A-Za-z_]\w*")
_UNLOCKS = re.compile(r"bpf_\w*(?:unlock|enable|restore)\w*")
_NAMES = {"bpf_ktime_get_ns": "now", "bpf_ktime_get_boot_ns": "now", "bpf_get_smp_processor_id": "cpu"}


def ways(context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """Values for the code: `code`, its lines; a move has its own text."""
    at = site(context)
    entered = facts.entered if isinstance(facts, Section) else None
    lock = site(context, context.source.place(entered)) if entered is not None else None
    if at is None or lock is None or lock.function != at.function or lock.line >= at.line:
        return
    taken, statement = _statement(lock), _statement(at)
    if taken is None or statement is None or taken.span == statement.span:
        return
    called = context.step.insn.callee if context.step is not None else None
    calls = sorted(at.c.calls_on(at.line, at.column), key=lambda each: each.name != called)  # or a macro's
    for call in calls[:1]:
        if _is_known_before(at, lock.line, call):
            yield _made_before(at, taken, statement, call)
        yield _made_after(at, statement)


def _statement(at: Site) -> Statement | None:
    found = at.c.statement_at(at.line) if at.column is None else at.c.statement_around(at.line, at.column)
    return found if found is not None and found.braced and not found.in_head else None


def _is_known_before(at: Site, lock: int, call: Call) -> bool:
    """Whether what the call gets is the same before the lock is taken, and no memory behind the lock."""
    texts = [each.text for each in call.args]
    changed = {each.target for each in at.c.assignments(None, lock, at.line - 1)}
    names = {name for text in texts for name in _WORD.findall(text)}
    declared = (at.c.declaration_of(name, at.line) for name in names)
    later = any(each is not None and each.scope == "local" and each.span.line > lock for each in declared)
    return not later and not names & changed and not any("->" in text or "*" in text for text in texts)


def _made_before(at: Site, taken: Statement, statement: Statement, call: Call) -> tuple[Plan, ...]:
    """`v->last = now()` becomes `u64 now = now()` before the lock, and `v->last = now`."""
    span = call.span
    if span.line != span.end_line:
        return ()
    text = at.c.line(span.line)[span.column - 1 : span.end_column - 1]
    alone = statement.kind == "expression_statement" and (
        (span.line, span.column) == (statement.span.line, statement.span.column)
    )
    if alone:  # nobody wants what it returns
        return ()
    name = at.fresh_name(_NAMES.get(call.name, "value"))
    declared = statement.kind == "declaration" and at.c.declaration_of(name.removesuffix("_copy"), at.line)
    if declared and at.c.stands_alone(statement.span) and declared.alone:
        line = at.c.line(statement.span.line).strip()
        inserted = at.lines_before(taken.span.line, [line], taken.span.column)
        gone = Plan(at.file, statement.span.line, statement.span.end_line, lines=())
        return (*inserted, gone) if inserted else ()
    kept = _kept(at, statement, call)
    if kept is not None and not at.c.mention_spans(kept, taken.span.line, statement.span.line - 1):
        line = at.c.line(statement.span.line).strip()
        inserted = at.lines_before(taken.span.line, [line], taken.span.column)
        gone = Plan(at.file, statement.span.line, statement.span.end_line, lines=())
        return (*inserted, gone) if inserted else ()
    inserted = at.lines_before(taken.span.line, [f"__u64 {name} = {text};", ""], taken.span.column)
    return (*inserted, at.replacement(span.line, span.column, span.end_column, name)) if inserted else ()


def _kept(at: Site, statement: Statement, call: Call) -> str | None:
    """The local variable that a whole statement `now = call();` puts the result in."""
    if not at.c.stands_alone(statement.span):
        return None
    for made in at.c.assignments(None, statement.span.line, statement.span.line):
        declared = (
            at.c.declaration_of(made.target, statement.span.line) if made.target.isidentifier() else None
        )
        if declared is not None and declared.scope == "local" and made.operator == "=":
            text = at.c.line(call.span.line)[call.span.column - 1 : call.span.end_column - 1]
            return made.target if made.value == text and declared.span.line < statement.span.line else None
    return None


def _made_after(at: Site, statement: Statement) -> tuple[Plan, ...]:
    """A whole statement after the one in the same block that releases the lock."""
    if statement.kind != "expression_statement" or not at.c.stands_alone(statement.span):
        return ()
    made = {each.target for each in at.c.assignments(None, statement.span.line, statement.span.end_line)}
    indent = at.c.indent_of(statement.span.line)
    for line in range(statement.span.end_line + 1, at.function.end):
        if (
            at.c.indent_of(line) != indent
            and at.c.line(line).strip()
            and len(at.c.indent_of(line)) < len(indent)
        ):
            return ()
        if at.c.indent_of(line) == indent and any(_UNLOCKS.fullmatch(c.name) for c in at.c.calls_on(line)):
            if any(at.c.mention_spans(name, statement.span.end_line + 1, line) for name in made):
                return ()  # what it makes is needed before
            moved = tuple(at.c.line(n) for n in range(statement.span.line, statement.span.end_line + 1))
            return (
                Plan(at.file, statement.span.line, statement.span.end_line, lines=()),
                Plan(at.file, line + 1, line, lines=moved),
            )
    return ()
