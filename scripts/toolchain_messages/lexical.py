"""Finds calls and the texts in them in C++, Go and Rust, by scanning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bpfdoctor.formats.c_text import COMMENT, blank
from scripts.kernel_messages.csource import unescape

# strings of the three languages, then comments; in this order, since a string may hold "//"
_STRING = (
    r'R"(?P<delimiter>[^()\s]*)\((?P<cpp>.*?)\)(?P=delimiter)"'  # C++ raw
    r'|\br(?P<hashes>\#*)"(?P<rust>.*?)"(?P=hashes)'  # Rust raw
    r"|`(?P<go>[^`]*)`"  # Go raw
    r'|"(?P<plain>(?:\\.|[^"\\])*)"'
    r"|'(?:\\.|[^'\\\n])'"  # a character; not a Rust lifetime
)
_TOKEN = re.compile(rf"(?P<comment>{COMMENT})|{_STRING}|(?P<bracket>[()\[\]{{}}])", re.DOTALL)
_LITERAL = re.compile(_STRING, re.DOTALL)
# Words around a text that are no part of it
_WRAPPERS = re.compile(
    r"\b(Twine|std|string|StringRef|llvm|formatv|format|String|from|to_string|to_owned|into"
    r"|endl|errs|cerr|str|c_str)\b"
)
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its name, where it is, the text of each argument."""

    name: str
    offset: int
    arguments: tuple[str, ...]


def without_comments(text: str) -> str:
    """The text with comments blanked, line breaks kept."""

    def blanked(match: re.Match[str]) -> str:
        return blank(match[0]) if match["comment"] is not None else match[0]

    return _TOKEN.sub(blanked, text)


def calls(text: str, names: str) -> Iterator[Call]:
    """Calls of functions or macros whose name matches the regular expression `names`."""
    for match in re.finditer(rf"(?<![\w\"'])(?P<name>{names})\s*!?\s*\(", text):
        arguments = _arguments(text, match.end())
        if arguments is not None:
            yield Call(match["name"], match.start(), arguments)


def _arguments(text: str, start: int) -> tuple[str, ...] | None:
    """The arguments from after an opening parenthesis to its partner."""
    depth, begin, found = 0, start, []
    position = start
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is not None:
            bracket = match["bracket"]
            if bracket and bracket in _OPENING:
                depth += 1
            elif bracket and bracket in _CLOSING:
                if depth == 0:
                    found.append(text[begin:position])
                    return tuple(argument.strip() for argument in found if argument.strip())
                depth -= 1
            position = match.end()
            continue
        if text[position] == "," and depth == 0:
            found.append(text[begin:position])
            begin = position + 1
        position += 1
    return None


def block_end(text: str, start: int) -> int:
    """Where the block ends whose opening brace stands before `start`."""
    depth = 1
    position = start
    while position < len(text) and depth:
        match = _TOKEN.match(text, position)
        if match is None:
            position += 1
            continue
        if match["bracket"] == "{":
            depth += 1
        elif match["bracket"] == "}":
            depth -= 1
        position = match.end()
    return position


def template(expression: str, hole: str = "%s") -> str | None:
    """The text an expression builds: its literals, `hole` for what stands between; None without a literal."""
    parts: list[str] = []
    end = 0
    for match in _LITERAL.finditer(expression):
        if match[0].startswith("'"):
            continue
        if _holds_value(expression[end : match.start()]):
            parts.append(hole)
        parts.append(_value(match))
        end = match.end()
    if not any(part != hole for part in parts):
        return None
    if _holds_value(expression[end:]):
        parts.append(hole)
    return "".join(parts)


def streams(text: str, heads: str) -> Iterator[tuple[int, str]]:
    """C++ statements that begin with a stream: `errs() << "a" << x;` as (offset, what follows the head)."""
    for match in re.finditer(rf"\b(?:{heads})\s*<<", text):
        end = match.end()
        while end < len(text) and text[end] != ";":
            token = _TOKEN.match(text, end)
            end = token.end() if token is not None else end + 1
        yield match.start(), text[match.end() : end]


def _holds_value(between: str) -> bool:
    return bool(re.search(r"\w", _WRAPPERS.sub("", between)))


def _value(match: re.Match[str]) -> str:
    for raw in ("cpp", "rust", "go"):
        if match[raw] is not None:
            return match[raw]
    # Rust breaks long strings with a backslash at the end of the line
    return unescape(re.sub(r"\\\n\s*", "", match["plain"]))
