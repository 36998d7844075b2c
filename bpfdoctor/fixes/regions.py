"""The missing half of a critical region: the call that ends it in its block, or the one that begins it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.lib.critical_sections import begun_by, ended_by, enters
from bpfdoctor.model.diagnosis import Edit, Fix, Place, Safety
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Call, Function

_MOST_LINES = 400  # of a function
_LEAVES = ("return", "goto ", "break;", "continue;")


def missing_halves(place: Place, c: CFile, function: Function) -> Iterator[Fix]:
    """Patches for each region of which the function has one half only."""
    last = min(function.end, function.start + _MOST_LINES)
    found = (call for line in range(function.body.line, last + 1) for call in c.calls_on(line))
    calls = list(dict.fromkeys(each for each in found if enters(each.name) or begun_by(each.name)))
    for begin in calls:
        if enters(begin.name) and not any(_are_pair(begin, each) for each in calls):
            text = ending(begin)
            why = "What it protects is done by then."
            line = _end_of_block(c, function, begin)
            yield _fix(place.file, c, text, line, begin.span.line, why)
    ends = [each for each in calls if begun_by(each.name)]
    ends = [end for end in ends if not any(_are_pair(each, end) for each in calls)]
    for text in dict.fromkeys(f"{begun_by(each.name)}({_given(each)})" for each in ends):
        same = [each for each in ends if text == f"{begun_by(each.name)}({_given(each)})"]
        line = _first_of_run(c, function, _before_all(c, same), same[0])
        if line < same[0].span.line:
            yield _fix(place.file, c, text, line, line, "Its end is there, and nothing began it.")


def ending(begin: Call) -> str:
    """The call that ends what another one begins: of the same lock, of the same flags."""
    return f"{ended_by(begin.name)}({_given(begin)})"


def _are_pair(begin: Call, end: Call) -> bool:
    is_after = begin.span.line < end.span.line
    return (
        is_after and enters(begin.name) and ended_by(begin.name) == end.name and _given(begin) == _given(end)
    )


def _given(call: Call) -> str:
    return ", ".join(each.text for each in call.args)


def _end_of_block(c: CFile, function: Function, begin: Call) -> int:
    """The line that closes the block of a call, or that leaves from it."""
    indent = c.indent_of(begin.span.line)
    for line in range(begin.span.line + 1, function.end):
        code, its = c.line(line).strip(), c.indent_of(line)
        if code and (len(its) < len(indent) or (its == indent and code.startswith(_LEAVES))):
            return line
    return function.end


def _before_all(c: CFile, ends: list[Call]) -> int:
    """The line of the first of several ends, or of the condition around it that is not around the last."""
    first, last = ends[0].span.line, ends[-1].span.line
    around = {each.span for each in c.conditions_before(last) if each.encloses}
    outer = [
        each.span.line for each in c.conditions_before(first) if each.encloses and each.span not in around
    ]
    return min([first, *outer])


def _first_of_run(c: CFile, function: Function, before: int, end: Call) -> int:
    """The first of the statements in front of a line: those that check and declare need no protection."""
    indent, first = c.indent_of(before), before
    names = set(re.findall(r"\w+", _given(end)))
    for line in range(before - 1, function.body.line, -1):
        if not c.line(line).strip():
            continue
        statement = c.statement_at(line)
        is_plain = statement is not None and statement.kind == "expression_statement"
        if not is_plain or c.indent_of(line) != indent:
            break
        if any(each.target in names for each in c.assignments(None, line, line)):
            break
        first = line
    return first


def _fix(file: str, c: CFile, text: str, before: int, like: int, why: str) -> Fix:
    line = f"{c.indent_of(like)}{text};"
    return Fix(f"Call “{text}”", why, Safety.SAFE, (Edit(file, before, before - 1, (line,)),))
