"""The template language of a rule's `lines`: one line of a message, with typed values bound from it.

`{name:kind}` binds a value; `_` binds nothing; a name bound twice must have the same value both times.
Runs of spaces count as one, on both sides. The kinds, what they take, what they give:

    int     a decimal number, signed or not: -16                  int
    hex     a hexadecimal number, with 0x or not: 0x1f, ff        int
    num     decimal, or hexadecimal with 0x: 512, 0x200           int
    reg     a register: R1, w1, or 1 after a literal R           "r1"
    arg     what a call gets: R1, arg#1, *(R11-8)                 "r1", "arg#1", …
    tnum    what is known of a number's bits: (0x0; 0xff)         as printed, like all below
    word    characters up to a space
    name    a C name; dots and $ belong to it: .rodata.str
    type    a type, also of several words: struct iphdr *
    path    a file's name
    text    at least one character, spaces too
    any     the same, or nothing: invalid{how:any} stack R{reg:reg}
    rest    everything to the end of the line, also nothing
    one(…)  exactly one of the alternatives: one(inv|scalar)

Values from `word` to `any` end at the first place from which the text after them fits.
A template becomes a regular expression of atomic groups, so no input makes it backtrack.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later

LONGEST_LINE = 2048  # characters looked at; the kernel cuts its own messages at 1,023

# Kinds that know where they end. Possessive, and bounded so that a line of digits costs nothing.
_EXACT = {
    "int": r"[+-]?\d{1,20}+",
    "hex": r"(?>(?:0[xX])?)[0-9a-fA-F]{1,16}+",
    "num": r"[+-]?(?:0[xX][0-9a-fA-F]{1,16}+|\d{1,20}+)",
    "reg": r"[RrWw]?(?:1[01]|\d)(?!\d)",
    "arg": r"(?:[Rr](?:1[01]|\d)(?!\d)|[Aa]rg ?#?\d{1,2}+|\*\([Rr]11[+-]\d{1,5}+\))",
    "tnum": r"\([^()]{1,60}+\)",
}
# Kinds that end where the text after them begins.
_OPEN = {
    "word": r"\S+?",
    "name": r"[\w.$]+?",
    "type": r"[\w(\[<][^\"'=]*?",
    "path": r"\S.*?",
    "text": r"\S.*?",
    "any": r".*?",
    "rest": r".*",
}
KINDS = frozenset(_EXACT) | frozenset(_OPEN) | {"one"}
# A rule's texts say m.name, which would find the method of the mapping instead.
_RESERVED = frozenset(dir(dict))
_WORD = later(r"[A-Za-z_][A-Za-z0-9_]{2,}")


class TemplateError(ValueError):
    """A template that does not follow the language; str() is a sentence without the template itself."""


@dataclass(frozen=True, slots=True)
class TemplateField:
    """One {name:kind}; `choices` only for `one`."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()


Part = str | TemplateField


@dataclass(frozen=True, slots=True)
class Template:
    """A template, compiled. Everything in it survives JSON, so that a start need not compile again."""

    pattern: str  # a regular expression over the whole line, one group per bound value
    fields: tuple[tuple[str, str], ...]  # (name, kind) by group
    needle: str  # the longest literal run: the cheapest thing to look for first
    weight: int  # literal characters: how much of a line it explains
    words: tuple[str, ...]  # literal words that stand in the line as whole words


def compile_template(text: str) -> Template:
    """The template written as `text`. Raises TemplateError."""
    parts = parse(text)
    _check(parts)
    literals = [part for part in parts if isinstance(part, str)]
    chosen = sum(min(len(c) for c in p.choices) for p in parts if isinstance(p, TemplateField) and p.choices)
    return Template(
        pattern=_pattern(parts),
        fields=tuple((p.name, p.kind) for p in parts if isinstance(p, TemplateField) and p.name != "_"),
        needle=max(literals, key=len, default=""),
        weight=sum(len(literal.replace(" ", "")) for literal in literals) + chosen,
        words=_whole_words(parts),
    )


def parse(text: str) -> tuple[Part, ...]:
    """The template's literals and fields, in order, literals joined. Raises TemplateError."""
    from bpfdoctor import grammar  # only here: a start reads what was parsed before
    from bpfdoctor.parser import ParseError, Token

    line = one_spaced(text)
    try:
        tree = grammar.parser("template").parse(line)
    except ParseError as error:
        seen = line[error.position :]
        where = f"makes no sense from {seen[:20]!r} on" if seen else "ends too early"
        raise TemplateError(f"it {where}: a value is {{name:kind}}, a brace is \\{{ or \\}}") from None
    parts: list[Part] = []
    for child in tree.children:
        if not isinstance(child, Token):
            parts.append(_field(child))
            continue
        literal = unescaped(child)
        if parts and isinstance(parts[-1], str):
            parts[-1] += literal
        else:
            parts.append(literal)
    return tuple(parts)


def one_spaced(line: str) -> str:
    """The line without spaces at its ends, and single ones inside; as long as anything here looks at."""
    return " ".join(line[: 2 * LONGEST_LINE].split())[:LONGEST_LINE]


def bind(template: Template, line: str) -> dict[str, Any] | None:
    """The values that `line` (one_spaced) gives; None when it is not such a line."""
    if template.needle not in line or not (found := _regex(template.pattern).match(line)):
        return None
    values: dict[str, Any] = {}
    for (name, kind), text in zip(template.fields, found.groups(), strict=True):
        value = _value(kind, text)
        if values.setdefault(name, value) != value:
            return None
    return values


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def unescaped(token: str) -> str:
    return str(token[1:] if token.startswith("\\") else token)


def _field(tree: Any) -> TemplateField:
    name, kind, choices = tree.children
    if choices is None:
        return TemplateField(str(name), str(kind))
    return TemplateField(
        str(name), str(kind), tuple("".join(map(unescaped, choice.children)) for choice in choices.children)
    )


def _check(parts: tuple[Part, ...]) -> None:
    """Raises TemplateError for what the grammar lets through and no line could ever mean."""
    left: TemplateField | None = None  # the open value with nothing after it yet
    for position, part in enumerate(parts):
        if isinstance(part, str):
            left = None
            continue
        if part.kind not in KINDS:
            raise TemplateError(f"there is no kind {part.kind!r}; kinds are {', '.join(sorted(KINDS))}")
        if (part.kind == "one") != bool(part.choices):
            raise TemplateError(f"{{{part.name}:…}}: alternatives are written one(this|that), and only so")
        if part.name in _RESERVED:
            raise TemplateError(f"a value cannot be called {part.name!r}: m.{part.name} means something else")
        if part.kind == "rest" and position != len(parts) - 1:
            raise TemplateError(f"{{{part.name}:rest}} takes the whole line and must stand last; use text")
        if part.kind == "one":
            left = left if "" in part.choices else None  # an empty alternative ends nothing
            continue
        if left and part.kind in _OPEN:
            raise TemplateError(
                f"nothing says where {{{left.name}:{left.kind}}} ends and {{{part.name}:{part.kind}}} begins"
            )
        left = part if part.kind in _OPEN else None  # the other kinds end where they end


def _pattern(parts: tuple[Part, ...]) -> str:
    """Each open value and the exact parts after it form one atomic group: found once, never tried again."""
    groups = [""]
    for part in parts:
        if isinstance(part, str):
            groups[-1] += re.escape(part)
            continue
        if part.kind in _OPEN:
            groups.append("")
        groups[-1] += _expression(part)
    groups[-1] += r"\Z"
    return groups[0] + "".join(f"(?>{group})" for group in groups[1:])


def _expression(field: TemplateField) -> str:
    if field.choices:
        inner = "|".join(re.escape(choice) for choice in sorted(field.choices, key=len, reverse=True))
    else:
        inner = _EXACT.get(field.kind) or _OPEN[field.kind]
    return f"(?:{inner})" if field.name == "_" else f"({inner})"


def _whole_words(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Literal words that no value can lengthen: `func` of func#{id}, but not `_lock` of {kind}_lock."""
    words: list[str] = []
    for position, part in enumerate(parts):
        if not isinstance(part, str):
            continue
        for found in _WORD.finditer(part):
            touches_left = found.start() == 0 and position > 0
            touches_right = found.end() == len(part) and position < len(parts) - 1
            if not (touches_left or touches_right):
                words.append(found.group())
    return tuple(dict.fromkeys(words))


def words_of(line: str) -> set[str]:
    """The words a line can be looked up by, as _whole_words sees them."""
    return set(_WORD.findall(line))


def _value(kind: str, text: str) -> Any:
    if kind == "int":
        return int(text)
    if kind == "hex":
        return int(text, 16)
    if kind == "num":
        return int(text, 16) if "x" in text.lower() else int(text)
    if kind == "reg":
        return "r" + text.lstrip("RrWw")
    if kind == "arg":
        return text.lower() if text[0] in "Rr" else text
    return text.strip()
