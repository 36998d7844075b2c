"""Writes a call of the C library out as a loop over the arrays that it gets."""

from __future__ import annotations

import re

from bpfdoctor.analysis.collectors.structure import Structure
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Call

_COMPARE, _MEASURE = ("memcmp", "bcmp", "strcmp", "strncmp"), ("strlen", "strnlen")
_SEARCH = ("strchr", "strstr")
_LETTER = re.compile(r"'(?:[^'\\]|\\[^0])'|[1-9]\d{0,2}")
_WORD = re.compile(r'"[^"\\\']{1,16}"')
_CONSTANT = re.compile(r"\d+|0x[0-9a-fA-F]+|[A-Z][A-Z0-9_]*|sizeof\s*\([^()]*\)")
_ASKED = re.compile(r"\s*[=!]=\s*(?:0|NULL)\b")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `loop`, the statements that take the call's place. Only for arrays of bytes."""
    place = facts.at if isinstance(facts, Structure) and facts.missing else None
    at = site(context, place) if place is not None else None
    return written_out(at) if at is not None and at.column is not None else ()


def written_out(at: Site) -> tuple[Plan, ...]:
    """The call at that place as a loop."""
    for call in at.c.calls_on(at.line, at.column):
        name, span = call.name.removeprefix("__builtin_"), call.span
        around = at.c.statement_around(span.line, span.column)
        if around is None or around.in_head or around.guarded or span.line != span.end_line:
            continue
        found = _loop(at, call, name)
        if found is not None:
            variable, loop = found
            replaced = at.replacement(span.line, span.column, span.end_column, variable)
            inserted = at.before(span.line, {"loop": loop}, span.column)
            return (*inserted, replaced) if inserted else ()
    return ()


def _loop(at: Site, call: Call, name: str) -> tuple[str, str] | None:
    """(variable with the answer, the statements that compute it)."""
    if name in _COMPARE:
        return _comparison(at, call, name) if _is_asked(at, call) else None
    if name in _SEARCH:
        return _search(at, call, name) if _is_asked(at, call) else None
    return _length(at, call, name)


def _is_asked(at: Site, call: Call) -> bool:
    """Whether the call's result is only asked whether it is 0: a sign or an address takes another loop."""
    line, span = at.c.line(call.span.line), call.span
    before, after = line[: span.column - 1].rstrip(), line[span.end_column - 1 :]
    alone = before.endswith(("(", "&&", "||")) and after.lstrip().startswith((")", "&&", "||"))
    return bool(_ASKED.match(after)) or before.endswith("!") or alone


def _search(at: Site, call: Call, name: str) -> tuple[str, str] | None:
    """strchr for any letter; strstr for a literal."""
    if len(call.args) < 2 or not _is_bytes(at, text := call.args[0].text):
        return None
    variable, wanted = at.free_name("found"), call.args[1].text
    if name == "strchr":
        limit, tests = f"sizeof({text})", [f"{text}[i] == {wanted}"]
        if not wanted.isidentifier() and not _LETTER.fullmatch(wanted):
            return None
    elif _WORD.fullmatch(wanted):
        letters = wanted[1:-1]
        more = f" - {len(letters) - 1}" if len(letters) > 1 else ""
        limit = f"sizeof({text}){more}"
        tests = [f"{text}[i{f' + {at}' if at else ''}] == '{letter}'" for at, letter in enumerate(letters)]
    else:
        return None
    head = f"for (int i = 0; i < {limit} && {text}[i] && !{variable}; i++)"
    return variable, f"int {variable} = 0;\n\n{head}\n    {variable} = {' && '.join(tests)};"


def _comparison(at: Site, call: Call, name: str) -> tuple[str, str] | None:
    """Where only equality is asked for."""
    arrays = [each.text for each in call.args[:2]]
    if len(arrays) < 2 or not all(_is_bytes(at, each) for each in arrays):
        return None
    count = call.args[2].text if len(call.args) > 2 else f"sizeof({arrays[0]})"
    if not _CONSTANT.fullmatch(count):
        return None
    variable, one, other = at.free_name("differs"), *arrays
    lines = [f"int {variable} = 0;", "", f"for (int i = 0; i < {count} && !{variable}; i++) {{"]
    lines += [f"    {variable} = {one}[i] != {other}[i];"]
    lines += [f"    if (!{one}[i])", "        break;"] if name.startswith("str") else []
    return variable, "\n".join([*lines, "}"])


def _length(at: Site, call: Call, name: str) -> tuple[str, str] | None:
    if name not in _MEASURE or not call.args or not _is_bytes(at, call.args[0].text):
        return None
    text, variable = call.args[0].text, at.free_name("length")
    return variable, (
        f"unsigned int {variable} = 0;\n\nwhile ({variable} < sizeof({text}) && {text}[{variable}])\n"
        f"    {variable}++;"
    )


def _is_bytes(at: Site, text: str) -> bool:
    """Whether an argument is the name of an array of characters."""
    declared = at.c.declaration_of(text, at.line) if text.isidentifier() else None
    return (
        declared is not None
        and len(declared.arrays) == 1
        and declared.type in ("char", "u8", "__u8", "unsigned char")
    )
