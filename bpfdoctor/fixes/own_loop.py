"""Writes calls of the C library out as loops over what they get."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.analysis.collectors.structure import Structure
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.record import dataclass
from bpfdoctor.source.cvalues import Call

_COMPARE, _MEASURE = ("memcmp", "bcmp", "strcmp", "strncmp"), ("strlen", "strnlen")
_SEARCH = ("strchr", "strstr")
_LETTER = re.compile(r"'(?:[^'\\]|\\[^0])'|[1-9]\d{0,2}")
_WORD = re.compile(r'"[^"\\\']{1,16}"')
_SIMPLE = re.compile(r"[\w.>-]+")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_MEMBERS = re.compile(r"\w+(?:(?:->|\.)\w+)+")
_ADDRESS = re.compile(r"&\w+(?:(?:->|\.)\w+)*|\w+ \+ \w+")
_BYTES = ("char", "u8", "__u8", "unsigned char", "uint8_t")
# What the compiler calls where the source says something else.
_COMPARED = ("memcmp", "strcmp", "strncmp")
_ALIKE = {"bcmp": _COMPARED, "memcmp": ("bcmp", *_COMPARED)}
_CONSTANT = re.compile(r"\d+|0x[0-9a-fA-F]+|[A-Z][A-Z0-9_]*|sizeof\s*\([^()]*\)")
_ASKED = re.compile(r"\s*[=!]=\s*(?:0|NULL)\b")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `loop`, the statements that take the call's place."""
    if isinstance(facts, Structure):
        at = site(context, facts.at) if facts.missing and facts.at is not None else None
        return written_out(at) if at is not None and at.column is not None else ()
    return tuple(_all_of(context, str(context.captures.get("callee") or context.captures.get("name"))))


def _all_of(context: Context, callee: str) -> Iterator[Plan]:
    """Every call of the function: the message names no place, or only the first."""
    file = context.source.user_file
    c = context.source.c(file) if file else None
    if file is None or c is None:
        return
    names, taken = (callee, *_ALIKE.get(callee, ())), set[str]()
    for function in c.functions:
        for line in range(function.start, function.end + 1):
            for call in c.calls_on(line):
                if call.span.line == line and call.name.removeprefix("__builtin_") in names:
                    yield from written_out(Site(file, line, call.span.column, c, function), taken)


def written_out(at: Site, taken: set[str] | None = None) -> tuple[Plan, ...]:
    """The call at that place as a loop. `taken`: names of variables that other loops have."""
    taken = set() if taken is None else taken
    for call in at.c.calls_on(at.line, at.column):
        name, span = call.name.removeprefix("__builtin_"), call.span
        around = at.c.statement_around(span.line, span.column)
        if around is None or span.line != span.end_line:
            continue
        found = _loop(at, call, name, taken)
        if found is None:
            continue
        variable, loop = found
        if around.in_head or around.guarded:  # it stays where it is made, or in each round
            text = f"({{ {' '.join(loop.split())} {variable}; }})"
            return (at.replacement(span.line, span.column, span.end_column, text),)
        replaced = at.replacement(span.line, span.column, span.end_column, variable)
        inserted = at.before(span.line, {"loop": loop}, span.column)
        return (*inserted, replaced) if inserted else ()
    return ()


def _loop(at: Site, call: Call, name: str, taken: set[str]) -> tuple[str, str] | None:
    """(variable with the answer, the statements that compute it)."""
    if name in _COMPARE:
        return _comparison(at, call, name, taken) if _is_asked(at, call) else None
    if name in _SEARCH:
        return _search(at, call, name, taken) if _is_asked(at, call) else None
    return _length(at, call, name, taken)


def _is_asked(at: Site, call: Call) -> bool:
    """Whether the call's result is only asked whether it is 0: a sign or an address takes another loop."""
    line, span = at.c.line(call.span.line), call.span
    before, after = line[: span.column - 1].rstrip(), line[span.end_column - 1 :]
    alone = before.endswith(("(", "&&", "||")) and after.lstrip().startswith((")", "&&", "||"))
    return bool(_ASKED.match(after)) or before.endswith("!") or alone


def _search(at: Site, call: Call, name: str, taken: set[str]) -> tuple[str, str] | None:
    """strchr for any letter; strstr for a literal."""
    if len(call.args) < 2 or not _is_bytes(at, text := call.args[0].text):
        return None
    variable, wanted = at.fresh_name("found", taken), call.args[1].text
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


def _comparison(at: Site, call: Call, name: str, taken: set[str]) -> tuple[str, str] | None:
    """Where only equality is asked for."""
    if len(call.args) < 2:
        return None
    one, other = (_operand(at, each.text) for each in call.args[:2])
    if one is None or other is None:
        return None
    sizes = [each.size for each in (one, other) if each.size]
    length = call.args[2].text if len(call.args) > 2 else ""
    if name.startswith("str") and other.size and other.text.startswith('"'):
        sizes = [other.size]  # nothing equals it that is longer
    limits = [length] if length else []
    if not _CONSTANT.fullmatch(length):
        if not sizes or (length and not _SIMPLE.fullmatch(length)):
            return None
        limits += sizes[-1:] if length else dict.fromkeys(sizes)
    variable = at.fresh_name("differs", taken)
    is_same = one.type is not None and one.type == other.type
    left, right = (each.text if is_same else f"((const unsigned char *){each.text})" for each in (one, other))
    within = " && ".join(f"i < {limit}" for limit in limits)
    lines = [f"int {variable} = 0;", "", f"for (int i = 0; {within} && !{variable}; i++) {{"]
    lines += [f"    {variable} = {left}[i] != {right}[i];"]
    lines += [f"    if (!{left}[i])", "        break;"] if name.startswith("str") else []
    return variable, "\n".join([*lines, "}"])


@dataclass(frozen=True, slots=True)
class _Operand:
    """What is compared; `type` of its elements where that is known, `size` in bytes as an expression."""

    text: str
    type: str | None
    size: str | None


def _operand(at: Site, text: str) -> _Operand | None:
    """BCC has no place for a text: it would be read-only data, which it does not load."""
    if _LITERAL.fullmatch(text):
        return _Operand(text, "char", f"sizeof({text})") if "SEC(" in at.c.text else None
    declared = at.c.declaration_of(text, at.line) if text.isidentifier() else None
    if declared is not None and (declared.arrays or declared.pointer):
        type_ = re.sub(r"\b(?:const|volatile)\b", "", declared.type).strip(" *")
        is_bytes = type_ in _BYTES and len(declared.arrays) + declared.type.count("*") == 1
        is_array = bool(declared.arrays) and declared.scope != "parameter"
        return _Operand(text, type_ if is_bytes else None, f"sizeof({text})" if is_array else None)
    if _MEMBERS.fullmatch(text):
        return _Operand(text, None, None)
    return _Operand(f"({text})", None, None) if _ADDRESS.fullmatch(text) else None


def _length(at: Site, call: Call, name: str, taken: set[str]) -> tuple[str, str] | None:
    if name not in _MEASURE or not call.args or not _is_bytes(at, call.args[0].text):
        return None
    text, variable = call.args[0].text, at.fresh_name("length", taken)
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
