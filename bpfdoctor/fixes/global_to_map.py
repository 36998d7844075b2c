"""Moves a BCC program's global variable into a map of one element, looked up where a function begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.data_address import WithData
from bpfdoctor.fixes.constant_number import as_number, never_changes
from bpfdoctor.fixes.plan import Plan, Site, beginning, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Declaration, Function, Span

_ZERO = re.compile(r"0[uUlL]*|\{\s*0?\s*\}|NULL|false")
_STORAGE = re.compile(r"\b(?:static|volatile|extern|const)\s+")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """No values: each change has its own text. () for an initial value, or a use in a void function."""
    data = facts.data if isinstance(facts, WithData) else None
    at = site(context)
    if data is None or at is None or not data.objects:
        return ()
    plans: list[Plan] = []
    for variable in {each.name: each.declared for each in data.objects}.values():
        if variable is None:
            return ()
        never = never_changes(at, variable)
        changed = as_number(at, variable) if never else tuple(moved(at, variable))
        if not changed:
            return ()
        plans += changed
    return tuple(plans)


def moved(at: Site, variable: Declaration) -> list[Plan]:
    """The map, the look-ups, and the uses; [] where the variable is used in a way that cannot be followed."""
    found = [(function, list(_uses(at, variable, function))) for function in at.c.functions]
    using = [(function, uses) for function, uses in found if uses]
    named = at.c.mentions(variable.name, *_scope(at, variable))
    if not _movable(variable) or sum(len(uses) for _, uses in using) + 1 != named:
        return []  # used where we cannot follow: in a macro, in another initialiser
    begun = [_looked_up(at, variable, function) for function, _ in using]
    if not all(begun) or any(function.returns.split()[-1:] == ["void"] for function, _ in using):
        return []
    plans = [*_declared(at, variable), *(plan for plans in begun for plan in plans)]
    return plans + [_used(at, variable, span) for _, uses in using for span in uses]


def _movable(variable: Declaration) -> bool:
    simple = "(" not in variable.type and "*" not in variable.type and "" not in variable.arrays
    empty = variable.initialiser is None or _ZERO.fullmatch(variable.initialiser) is not None
    return simple and empty and variable.alone and variable.statement.line == variable.statement.end_line


def _plain(variable: Declaration) -> str:
    """The type without `static` and the like."""
    return _STORAGE.sub("", f"{variable.type} ").strip()


def _type(variable: Declaration) -> str:
    """The type of the map's value: BCC's macros take no array."""
    return f"struct {variable.name}_data" if variable.arrays else _plain(variable)


def _value(variable: Declaration) -> str:
    return f"{variable.name}_value"


def _scope(at: Site, variable: Declaration) -> tuple[int, int]:
    function = at.c.function_at(variable.statement.line) if variable.scope != "global" else None
    return (function.start, function.end) if function else (1, len(at.c.lines))


def _uses(at: Site, variable: Declaration, function: Function) -> Iterator[Span]:
    for span in at.c.mention_spans(variable.name, function.start, function.end):
        own = span.line == variable.span.line and span.column == variable.span.column
        if not own and at.c.declaration_of(variable.name, span.line) == variable:
            yield span


def _declared(at: Site, variable: Declaration) -> Iterator[Plan]:
    """The map, where the variable was; that of a static variable before its function."""
    statement, is_scratch = variable.statement, variable.struct or variable.type.endswith("char")
    kind = "BPF_PERCPU_ARRAY" if is_scratch else "BPF_ARRAY"
    text = f"{kind}({variable.name}, {_type(variable)}, 1);"
    if variable.arrays:
        sizes = "".join(f"[{size}]" for size in variable.arrays)
        text = f"{_type(variable)} {{ {_plain(variable)} data{sizes}; }}; {text}"
    if variable.scope == "global":
        yield at.replacement(statement.line, statement.column, statement.end_column, text)
        return
    function = at.c.function_at(statement.line)
    start = function.start if function else statement.line
    yield Plan(at.file, start, start - 1, lines=(text, ""))
    if at.c.stands_alone(statement):
        yield Plan(at.file, statement.line, statement.line, lines=())
    else:
        yield at.replacement(statement.line, statement.column, statement.end_column, "")


def _looked_up(at: Site, variable: Declaration, function: Function) -> tuple[Plan, ...]:
    """Key, look-up and test, at the beginning of a function."""
    name = variable.name
    value = at.c.pass_value(function)
    code = [
        f"int {name}_key = 0;",
        f"{_type(variable)} *{_value(variable)} = {name}.lookup(&{name}_key);",
    ]
    code += ["", f"if (!{_value(variable)})", f"{at.c.style.indent}return {value};"]
    return beginning(at, function, code)


def _used(at: Site, variable: Declaration, span: Span) -> Plan:
    """`*total_value` for `total`; `ev_value->pid` for `ev.pid`, `ev_value` for `&ev`."""
    line, name = at.c.line(span.line), _value(variable)
    before, behind = line[: span.column - 1].rstrip(), line[span.end_column - 1 :]
    first, last, text = span.column, span.end_column, f"*{name}"
    if variable.arrays:
        text = f"{name}->data"
    elif (dot := re.match(r"\s*\.\s*(?=\w)", behind)) is not None:
        last, text = span.end_column + dot.end(), f"{name}->"
    elif before.endswith("&") and not before.endswith("&&"):
        first, text = len(before), name
    elif re.match(r"\s*(?:\+\+|--|->|\[)", behind):
        text = f"(*{name})"
    return at.replacement(span.line, first, last, text)
