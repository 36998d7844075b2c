"""Puts a text onto the stack of a BCC program, which has no read-only data to keep it in."""

from __future__ import annotations

import re

from bpfdoctor.fixes.plan import Plan, Site, beginning
from bpfdoctor.source.cvalues import Call, Declaration
from bpfdoctor.source.static_data import StaticData

# Helpers whose text must be in a frozen map: a copy on the stack will not do.
_CONSTANT_TEXT = ("bpf_strncmp",)
_MOST = 64  # bytes of a string that is put on the stack


def string(at: Site, used: StaticData) -> tuple[Plan, ...]:
    span, literal = used.span, used.name
    size = _size(literal)
    written = at.c.line(span.line)[span.column - 1 : span.end_column - 1]  # the literal, or a macro's name
    if written != literal and not written.isidentifier():
        return ()
    if span.line != span.end_line or size > _MOST:
        return ()
    call = next((call for call in at.c.calls_on(span.line) if any(a.span == span for a in call.args)), None)
    if call is None:
        return _declared_as_array(at, used, size)
    if call.name in _CONSTANT_TEXT:
        return _compared(at, call, size) if call.args[-1].span == span else ()
    name = at.fresh_name("want")
    made, filled = _array(at, name, written, _length(at, call, size))
    inserted = at.lines_before(span.line, (made, "", filled), span.column)
    replaced = at.replacement(span.line, span.column, span.end_column, name)
    return (*inserted, replaced) if inserted else ()


def _size(literal: str) -> int:
    """Bytes of a string, its zero included."""
    return len(re.sub(r"\\(?:[0-7]{1,3}|x[0-9a-fA-F]+|.)", "x", literal)) - 1


def _length(at: Site, call: Call | None, size: int) -> str:
    """As long as the array that it is compared with: a loop over that one stays inside of this one, too.

    Longer than the text in any case: what is only copied from a literal the compiler replaces by the literal.
    """
    for given in call.args if call else ():
        name = given.text.lstrip("&")
        declared = at.c.declaration_of(name, given.span.line) if name.isidentifier() else None
        if declared is not None and len(declared.arrays) == 1 and declared.scope == "local":
            length = declared.arrays[0]
            if not length.isdigit() or int(length) > size:
                return length
    return str(max(16, (size + 8) // 8 * 8))


def _array(at: Site, name: str, literal: str, length: str = "") -> tuple[str, str]:
    """The two statements that put a text onto the stack."""
    length = length or _length(at, None, _size(literal))
    return f"char {name}[{length}] = {{}};", f"__builtin_memcpy({name}, {literal}, sizeof({literal}));"


def _declared_as_array(at: Site, used: StaticData, size: int) -> tuple[Plan, ...]:
    """`const char *want = "mysqld";` becomes an array."""
    declared = at.c.declaration_of(used.called, used.span.line) if used.called else None
    if declared is None or not declared.alone or declared.initialiser != used.name or not declared.pointer:
        return ()
    sets = at.c.assignments(declared.name, at.function.start, at.function.end)
    statement = declared.statement
    if len(sets) != 1 or statement.line != statement.end_line:
        return ()
    between = "\n" + at.c.indent_of(statement.line) if at.c.stands_alone(statement) else " "
    text = between.join(_array(at, declared.name, used.name))
    return (at.replacement(statement.line, statement.column, statement.end_column, text),)


def _compared(at: Site, call: Call, size: int) -> tuple[Plan, ...]:
    """bpf_strncmp(buffer, length, "text"): the same in a loop, over a copy on the stack."""
    buffer, length, literal = (given.text for given in call.args)
    if not buffer.isidentifier() or (length.isdigit() and int(length) < size):
        return ()
    name, differs = at.fresh_name("want"), at.fresh_name("differs")
    made, filled = _array(at, name, literal, _length(at, None, size))
    loop = f"for (int i = 0; i < sizeof({name}) && !{differs}; i++)"
    compared = f"{at.c.style.indent}{differs} = {buffer}[i] - {name}[i];"
    code = (made, f"int {differs} = 0;", "", filled, loop, compared)
    span = call.span
    inserted = at.lines_before(span.line, code, span.column)
    if not inserted or span.line != span.end_line:
        return ()
    return (*inserted, at.replacement(span.line, span.column, span.end_column, differs))


def in_functions(at: Site, declared: Declaration) -> tuple[Plan, ...]:
    """`static const char want[] = "mysqld";` becomes a local array of each function that uses it."""
    statement, functions = declared.statement, at.c.functions
    uses = {f: len(at.c.uses(declared.name, f.start, f.end)) for f in functions}
    if declared.scope != "global" or not declared.alone or statement.line != statement.end_line:
        return ()
    literal = declared.initialiser or ""
    code: tuple[str, ...] = _array(at, declared.name, literal)
    mentioned = {f: at.c.mentions(declared.name, f.start, f.end) for f in functions if uses[f]}
    if sum(uses.values()) != sum(mentioned.values()):  # sizeof: the array must be as long as it was
        written = at.c.line(statement.line)[declared.span.column - 1 : statement.end_column - 1]
        code = (f"char {written}", f'asm volatile("" : : "r"({declared.name}) : "memory");')
    plans = [plan for function in mentioned for plan in beginning(at, function, code)]
    if at.c.stands_alone(statement) and sum(mentioned.values()) + 1 == at.c.mentions(declared.name):
        plans.append(Plan(at.file, statement.line, statement.line, lines=()))
    return tuple(plans)
