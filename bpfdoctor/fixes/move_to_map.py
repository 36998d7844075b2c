"""Moves a large local structure into a per-CPU array of one element."""

from __future__ import annotations

import re

from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import COMMENT, Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.source.cvalues import Declaration

_MOST_CLEARED = 1024  # bytes: 128 stores of 8
_SIZE = re.compile(r"\[(\d{1,9})\]")


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The map before the function, the look-up where it was declared, `->` and `*` where it is used.

    Only for a structure that is declared on one line, and used by member or address.
    """
    place = context.source.block_place(context.finding.block)
    at = site(context, place)
    declared = _largest(at) if at else None
    return moved(at, declared) if at is not None and declared is not None else ()


def moved(at: Site, declared: Declaration) -> tuple[Plan, ...]:
    """The same for one local."""
    others = "" if declared.alone else _others(at, declared)
    if declared.struct is None or (not declared.alone and not others):
        return ()
    name, line = declared.name, declared.statement.line
    if line != declared.statement.end_line:
        return ()
    bcc = "SEC(" not in at.c.text
    indent, unit = at.c.indent_of(line), at.c.style.indent
    lookup = (
        f"{name}_memory.lookup(&{name}_key)" if bcc else f"bpf_map_lookup_elem(&{name}_memory, &{name}_key)"
    )
    body = [
        f"u32 {name}_key = 0;" if bcc else f"__u32 {name}_key = 0;",
        f"{declared.struct} *{name} = {lookup};",
        "",
        f"if (!{name})",
        unit + at.leave,
    ]
    if declared.initialiser is not None:
        body += _clear(name, _bytes(at, declared.struct), unit)
    start = at.function.start
    while at.c.line(start - 1).lstrip().startswith(("SEC(", "__attribute__")):
        start -= 1
    old, span = at.c.line(line), declared.statement
    before, after = old[: span.column - 1], old[span.end_column - 1 :]
    told = after if COMMENT.fullmatch(after.strip()) else ""  # it is about the variables
    body[1] += told * (not others)
    new = tuple(indent + each if each else "" for each in ((others + told, *body) if others else body))
    if before.strip() or COMMENT.sub("", after).strip():  # other code on the line stays there
        new = (before + " ".join(each.strip() for each in body if each) + _used(after, name),)
    return (
        Plan(at.file, start, start - 1, lines=tuple(_map(name, declared.struct, bcc, unit))),
        Plan(at.file, line, line, lines=new),
        *_uses(at, declared),
    )


def _others(at: Site, declared: Declaration) -> str:
    """The declaration without the variable: `struct event a = {}, b;` for `b`; "" where that is not plain."""
    span = declared.statement
    text = at.c.line(span.line)[span.column - 1 : span.end_column - 1]
    whole = re.fullmatch(rf"{declared.struct}\s+((?:\w+(?:\s*=\s*\{{[^{{}}]*\}})?\s*,?\s*)+);", text)
    parts = re.findall(r"\w+(?:\s*=\s*\{[^{}]*\})?", whole[1]) if whole else []
    left = [each for each in parts if not re.match(rf"{declared.name}\b", each)]
    return f"{declared.struct} {', '.join(left)};" if len(left) == len(parts) - 1 > 0 else ""


def _clear(name: str, size: int, unit: str) -> list[str]:
    """Statements that set all bytes to zero; clang writes a memset out only up to a size."""
    if size < _MOST_CLEARED:
        return [f"__builtin_memset({name}, 0, sizeof(*{name}));"]
    # volatile, so that the compiler does not make a memset of the loop
    return [
        f"for (unsigned int at = 0; at < sizeof(*{name}); at++)",
        f"{unit}((volatile char *){name})[at] = 0;",
    ]


def _map(name: str, struct: str, bcc: bool, unit: str) -> list[str]:
    if bcc:
        return [f"BPF_PERCPU_ARRAY({name}_memory, {struct}, 1);", ""]
    rows = ["__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);", "__uint(max_entries, 1);"]
    rows += ["__type(key, __u32);", f"__type(value, {struct});"]
    return ["struct {", *(unit + row for row in rows), f'}} {name}_memory SEC(".maps");', ""]


def _largest(at: Site) -> Declaration | None:
    """The structure that the compiler complains about, else the function's largest, as far as digits tell."""
    found: list[tuple[int, Declaration]] = []
    for number in range(at.function.start, at.function.end + 1):
        for word in dict.fromkeys(re.findall(r"[A-Za-z_]\w*", at.c.line(number))):
            declared = at.c.declaration_of(word, at.function.end)
            if declared and declared.scope == "local" and declared.struct and not declared.pointer:
                found.append((_bytes(at, declared.struct), declared))
    return max(found, key=lambda each: each[0])[1] if found else None


def _bytes(at: Site, struct: str) -> int:
    known = at.c.structs.get(struct)
    if known is None:
        return 0
    text = "\n".join(at.c.line(n) for n in range(known.span.line, known.span.end_line + 1))
    for macro in at.c.macros.values():
        text = re.sub(rf"\b{re.escape(macro.name)}\b", macro.value, text)
    return sum(int(size) for size in _SIZE.findall(text))


def _uses(at: Site, declared: Declaration) -> list[Plan]:
    """One changed line for every line that uses the variable."""
    lines = {
        use.span.line for use in at.c.uses(declared.name, declared.statement.end_line + 1, at.function.end)
    }
    plans = []
    for number in sorted(lines):
        old = at.c.line(number)
        new = _used(old, declared.name)
        if new != old:
            plans.append(Plan(at.file, number, number, lines=(new,)))
    return plans


def _used(text: str, name: str) -> str:
    """A piece of the program with the variable as a pointer."""
    text = re.sub(rf"\bsizeof\s*\(\s*{name}\s*\)", f"sizeof(*{name})", text)
    text = re.sub(rf"&\s*{name}\b(?!\s*[.\[(])", name, text)
    return re.sub(rf"\b{name}\s*\.\s*(?=\w)", f"{name}->", text)
