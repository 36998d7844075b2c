"""Does what needs a pointer only where there is one, and goes on after it: what follows is still done."""

from __future__ import annotations

import re

from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import COMMENT, Plan, Site
from bpfdoctor.model.record import replace
from bpfdoctor.source.cvalues import Condition, Lookup, Statement

_MOST = 8  # lines that go under the condition
_EMPTY = re.compile(r"\{\s*(?:0\s*)?\}|0|NULL")


def after_its_test(at: Site, pointer: str) -> Site:
    """The next use of the pointer, where the place is a condition that tests it: that is to be asked first.

    The compiler tells the reading that it moved as the condition's.
    """
    tests = (each for each in at.c.conditions_before(at.line, pointer) if each.span.holds(at.line))
    if not any(re.search(rf"!\s*{re.escape(pointer)}\b", each.text) for each in tests):
        return at
    for line in range(at.line + 1, at.function.end):
        if any(each.root == pointer for each in at.c.accesses_on(line)):
            return replace(at, line=line, column=None)
    return at


def only_where_it_is(at: Site, pointer: str) -> tuple[Plan, ...]:
    """`*value += 1;` becomes `if (value)` with it below, where the function goes on to other things.

    () where the values that are computed there are needed later, and where nothing follows.
    """
    first = _statement(at, at.line)
    if first is None or not first.braced or _is_used_between(at, pointer, first.span.line):
        return ()
    if first.kind == "if_statement":
        return _in_condition(at, first, pointer)
    run = [first]
    while (following := _next(at, run[-1])) is not None and _is_about(at, following, pointer):
        run.append(following)
    start, end = run[0].span.line, run[-1].span.end_line
    if end - start >= _MOST or not all(
        _is_about(at, each, pointer) and _stands_alone(at, each) for each in run
    ):
        return ()
    if not _goes_on(at, end, pointer):
        return ()
    indent, unit = at.c.indent_of(start), at.c.style.indent
    body = tuple(unit + at.c.line(line) if at.c.line(line) else "" for line in range(start, end + 1))
    if len(run) == 1 and start == end:
        return (Plan(at.file, start, end, lines=(f"{indent}if ({pointer})", *body)),)
    opened = (
        (f"{indent}if ({pointer})", indent + "{")
        if at.c.style.brace_below
        else (f"{indent}if ({pointer}) {{",)
    )
    return (Plan(at.file, start, end, lines=(*opened, *body, indent + "}")),)


def _is_used_between(at: Site, pointer: str, line: int) -> bool:
    """Whether anything names it, from where it is made to a line, but tests of several that leave."""
    tests = at.c.conditions_before(line, pointer)
    joint = (each for each in tests if each.exits and not each.encloses)
    left = [each.span for each in joint if re.search(r"&&|\|\|", each.text)]
    found = at.c.mention_spans(pointer, _made(at, pointer) + 1, line - 1)
    return any(not any(span.holds(each.line) for span in left) for each in found)


def _in_condition(at: Site, statement: Statement, pointer: str) -> tuple[Plan, ...]:
    """`if (value->count > 3)` becomes `if (value && value->count > 3)`."""
    head = [
        each
        for each in at.c.conditions_before(statement.span.line, pointer)
        if each.kind == "if" and each.span.line == each.span.end_line == at.line == statement.span.line
    ]
    lines = range(statement.span.line, statement.span.end_line + 1)
    if len(head) != 1 or head[0].exits or any(re.search(r"\belse\b", _code(at, line)) for line in lines):
        return ()
    if not _goes_on(at, statement.span.end_line, pointer):
        return ()
    span, text = head[0].span, head[0].text
    joined = f"({text})" if re.search(r"\|\||\?|(?<![=!<>])=(?!=)", text) else text
    return (at.replacement(span.line, span.column, span.end_column, f"({pointer} && {joined})"),)


def _goes_on(at: Site, end: int, pointer: str) -> bool:
    """Whether the function does more after a line, and without the pointer."""
    rest = re.sub(r"[\s{}]+", " ", " ".join(_code(at, line) for line in range(end + 1, at.function.end)))
    return not at.c.mention_spans(pointer, end + 1, at.function.end) and rest.strip() not in ("", at.leave)


def looked_up_again(at: Site, pointer: str) -> tuple[Plan, ...]:
    """`if (!p) { update(&map, &key, &new); }` and then `p` is used: what was put there is looked up."""
    function, c = at.function, at.c
    found = [each for each in c.lookups(function.start, at.line) if each.variable == pointer]
    if not found or not found[-1].function.startswith("bpf_map_lookup"):
        return ()
    lookup = found[-1]
    tests = (f"!{pointer}", f"{pointer} == NULL", f"NULL == {pointer}")
    for check in c.conditions_before(at.line, pointer):
        if check.text not in tests or check.exits or check.encloses or check.span.line < lookup.span.line:
            continue
        update = _update(at, check, lookup)
        if update is None:
            return ()
        statement = c.statement_at(update)
        if statement is None:
            return ()
        line = statement.span.end_line
        indent, unit = c.indent_of(statement.span.line), c.style.indent
        call = f"{pointer} = {lookup.function}(&{lookup.map.lstrip('&')}, {lookup.key});"
        lines = (f"{indent}{call}", f"{indent}if (!{pointer})", f"{indent}{unit}{way_out.of_null(at, line)}")
        if statement.braced:
            return (Plan(at.file, line + 1, line, lines=lines),)
        return _with_braces(at, check, statement, lines)
    return ()


def _with_braces(at: Site, check: Condition, body: Statement, lines: tuple[str, ...]) -> tuple[Plan, ...]:
    """More lines after the one statement that a check has, which gets braces; () where it shares lines."""
    head, last = check.span.end_line, body.span.end_line
    if head + 1 != body.span.line or not _stands_alone(at, body):
        return ()
    if re.match(r"else\b", _code(at, last + 1).strip()):
        return ()
    column, closed = check.span.end_column, at.c.indent_of(check.span.line) + "}"
    if _code(at, head)[column - 1 :].strip():
        return ()
    return (
        at.replacement(head, column, column, " {"),
        Plan(at.file, last + 1, last, lines=(*lines, closed)),
    )


def _update(at: Site, check: Condition, lookup: Lookup) -> int | None:
    """The line of the call in the check's body that puts an empty element where the look-up found none."""
    for line in range(check.span.end_line, at.line):
        for call in at.c.calls_on(line):
            if call.name != "bpf_map_update_elem" or len(call.args) < 3:
                continue
            map_, key, value = (each.text for each in call.args[:3])
            name = value.lstrip("&")
            declared = at.c.declaration_of(name, line) if name.isidentifier() else None
            empty = declared is not None and _EMPTY.fullmatch(declared.initialiser or "")
            written = at.c.assignments(None, at.function.start, line)
            filled = (
                any(each.target.startswith(f"{name}.") for each in written)
                or len(at.c.assignments(name, at.function.start, line)) > 1
            )
            if (map_.lstrip("&"), key) == (lookup.map.lstrip("&"), lookup.key) and empty and not filled:
                return line
    return None


def _made(at: Site, pointer: str) -> int:
    made = [each.span.end_line for each in at.c.assignments(pointer, at.function.start, at.line)]
    return made[-1] if made else at.function.start


def _statement(at: Site, line: int) -> Statement | None:
    return at.c.statement_at(line) if at.column is None else at.c.statement_around(line, at.column)


def _next(at: Site, statement: Statement) -> Statement | None:
    """The statement on the line after one, in the same block."""
    line = statement.span.end_line + 1
    following = at.c.statement_at(line)
    same = at.c.indent_of(line) == at.c.indent_of(statement.span.line)
    return following if following is not None and following.span.line == line and same else None


def _is_about(at: Site, statement: Statement, pointer: str) -> bool:
    """Whether a statement only changes what the pointer leads to."""
    if statement.kind != "expression_statement":
        return False
    text = " ".join(
        _code(at, line) for line in range(statement.span.line, statement.span.end_line + 1)
    ).strip()
    name = re.escape(pointer)
    return bool(
        re.match(rf"(?:\+\+|--)?\(?\*?\(?{name}(?:\)|->|\[|\s*[-+|&^]?=|\+\+|--)", text)
        or re.match(
            rf"(?:__sync_\w+|__atomic_\w+|lock_xadd|(?:__builtin_)?mem(?:cpy|set))\(\s*&?{name}\b", text
        )
    ) and not re.match(rf"{name}\s*=(?!=)", text)


def _stands_alone(at: Site, statement: Statement) -> bool:
    span = statement.span
    before = at.c.line(span.line)[: span.column - 1]
    after = COMMENT.sub("", at.c.line(span.end_line)[span.end_column - 1 :])
    return not before.strip() and not after.strip()


def _code(at: Site, line: int) -> str:
    return COMMENT.sub("", at.c.line(line))
