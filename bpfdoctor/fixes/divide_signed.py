"""Divides signed numbers by an unsigned division of their magnitudes: older BPF has no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Function

_PRIMARY = r"(?:[A-Za-z_]\w*(?:(?:->|\.)\w+)*|\d\w*|\([\w\s.>*+-]+\))"
_DIVISION = re.compile(
    rf"(?<![\w.>*/%)\]])(?P<left>{_PRIMARY}(?:\s*\*\s*{_PRIMARY})*)\s*(?P<operator>[/%])(?![/*=])\s*(?P<right>{_PRIMARY})"
    r"(?!\s*(?:\(|\[|->|\.))"
)
_NAME = re.compile(r"(?<![\w.>])[A-Za-z_]\w*(?:(?:->|\.)\w+)*")
_HIDDEN = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|//.*')
_WIDTHS = {"64": 64, "long": 64, "32": 32, "16": 16, "short": 16, "8": 8, "char": 8}  # int: 32
_PLAIN = re.compile(
    r"(?:(?:const|volatile|unsigned|signed|long|short|int|char)\s*)+|(?:__)?[us](?:8|16|32|64)|u?int\d+_t"
)
_UNSIGNED = re.compile(r"\bunsigned\b|\b(?:__)?u(?:8|16|32|64)\b|\buint")
_NAMES = {"/": "signed_quotient", "%": "signed_remainder"}
_MAGNITUDES = (
    "unsigned long long size = a < 0 ? -(unsigned long long)a : a;",
    "unsigned long long by = b < 0 ? -(unsigned long long)b : b;",
)
_RESULTS = {
    "/": "return (a < 0) != (b < 0) ? -(size / by) : size / by;",
    "%": "return a < 0 ? -(size % by) : size % by;",
}


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Every signed division of the file as a call of a function, before the first one that has one."""
    file = context.source.user_file
    c = context.source.c(file) if file else None
    if file is None or c is None:
        return ()
    found = [(function, *each) for function in c.functions for each in _divisions(c, function)]
    if not found or any(c.function(name) for name in _NAMES.values()):
        return ()
    calls = tuple(
        Plan(
            file,
            line,
            line,
            column=match.start() + 1,
            end_column=match.end() + 1,
            text=f"{_NAMES[match['operator']]}({match['left']}, {match['right']})",
        )
        for _, line, match in found
    )
    operators = sorted({match["operator"] for _, _, match in found}, reverse=True)
    first = found[0][0].start
    while first > 1 and re.match(r"\s*(?:SEC\(|__\w+$)", c.line(first - 1)):
        first -= 1
    lines = tuple(line for each in operators for line in _function(c, each))
    return (Plan(file, first, first - 1, lines=lines), *calls)


def _function(c: CFile, operator: str) -> Iterator[str]:
    yield f"static inline long long {_NAMES[operator]}(long long a, long long b)"
    yield "{"
    yield from (c.style.indent + line for line in _MAGNITUDES)
    yield ""
    yield c.style.indent + _RESULTS[operator]
    yield "}"
    yield ""


def _divisions(c: CFile, function: Function) -> Iterator[tuple[int, re.Match[str]]]:
    for line in range(function.body.line, function.end + 1):
        text = _HIDDEN.sub(lambda hidden: " " * len(hidden[0]), c.line(line))
        for match in _DIVISION.finditer(text):
            if not re.fullmatch(r"\d\w*", match["right"]) and _is_signed(c, match[0], line):
                yield line, match


def _is_signed(c: CFile, expression: str, line: int) -> bool:
    """Whether C computes it with a sign: all of its widest numbers have one."""
    kinds = [_kind(c, name, line) for name in _NAME.findall(expression) if not _PLAIN.fullmatch(name)]
    known = [each for each in kinds if each is not None]
    if not known or len(known) < len(kinds) or re.search(r"\bunsigned\b", expression):
        return False
    widest = max(32, *(bits for bits, _ in known)) if len(known) > 1 else max(32, known[0][0])
    return all(signed or bits < widest for bits, signed in known)


def _kind(c: CFile, name: str, line: int) -> tuple[int, bool] | None:
    """(bits, signed) of a variable, a member or a macro's number; None where it is not known."""
    macro = c.macros.get(name)
    if macro is not None:
        return (32, True) if re.fullmatch(r"\(?\d+\)?", macro.value) else None
    declared = c.declaration_of(name, line) if name.isidentifier() else None
    types = {declared.type} if declared is not None and not declared.arrays else set()
    if declared is None and not name.isidentifier():
        member = re.split(r"->|\.", name)[-1]
        fields = [each for kind in c.structs.values() for each in kind.fields if each.name == member]
        types = {each.type for each in fields if not each.arrays}
    if len(types) != 1 or not _PLAIN.fullmatch(next(iter(types)).strip()):
        return None
    type_ = types.pop()
    bits = next((bits for word, bits in _WIDTHS.items() if word in type_), 32)
    return bits, not _UNSIGNED.search(type_)
