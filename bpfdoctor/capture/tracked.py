"""A string that remembers, for every character, which line of which file it came from."""

from __future__ import annotations

import ast
import io
import re
import string
import tokenize
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

_ESCAPE = re.compile(
    r"\\(?:\r\n|N\{[^}]*\}|U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.S
)
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]*(?:\*|\d+)?(?:\.\d+)?([a-zA-Z%])")
_FILE_SHIFT = 24
_MOST_ITEMS = 100_000  # of lists in lists
_MOST = 4 << 20  # characters; a program text that grows beyond is no program text


class TooLarge(ValueError):
    """An expression that makes a text of millions of characters."""


class Tracked:
    """An immutable text with origins: `file_number << 24 | line` for each character."""

    __slots__ = ("origins", "text")

    def __init__(self, text: str, origins: Sequence[int]) -> None:
        if len(text) > _MOST:
            raise TooLarge
        self.text, self.origins = text, origins

    @staticmethod
    def at(text: str, origin: int) -> Tracked:
        """A text that came from one line."""
        if len(text) > _MOST:
            raise TooLarge
        return Tracked(text, [origin] * len(text))

    @staticmethod
    def of_file(text: str, number: int) -> Tracked:
        """The text of a whole file."""
        return Tracked(text, [number << _FILE_SHIFT | line for line in line_numbers(text, 1)])

    @property
    def origin(self) -> int:
        """Where the text begins; 0 for an empty one."""
        return self.origins[0] if self.origins else 0

    def __add__(self, other: Tracked) -> Tracked:
        return Tracked(self.text + other.text, [*self.origins, *other.origins])

    def slice(self, start: int, end: int) -> Tracked:
        """The characters `start`..`end`."""
        return Tracked(self.text[start:end], self.origins[start:end])

    def replace(self, old: str, new: Tracked, count: int = -1) -> Tracked:
        """str.replace. A replacement without lines of its own belongs to the place it is put in."""
        if not old:
            return self
        if len(self.text) + self.text.count(old) * len(new.text) > _MOST:
            raise TooLarge
        parts: list[str] = []
        origins: list[int] = []
        at = 0
        while count and (found := self.text.find(old, at)) >= 0:
            parts += [self.text[at:found], new.text]
            origins += self.origins[at:found]
            own = "\n" in new.text.strip("\n")
            origins += new.origins if own else [self.origins[found]] * len(new.text)
            at, count = found + len(old), count - 1
        return Tracked("".join(parts) + self.text[at:], [*origins, *self.origins[at:]])

    def strip(self, how: str, characters: str | None) -> Tracked:
        """str.strip, lstrip or rstrip."""
        left = self.text.lstrip(characters) if how != "rstrip" else self.text
        start = len(self.text) - len(left)
        end = start + len(left.rstrip(characters) if how != "lstrip" else left)
        return self.slice(start, end)

    def percent(self, values: Any) -> Tracked:
        """`text % values`. Raises what Python raises."""
        result, at, index = Tracked("", []), 0, 0
        for match in _PERCENT.finditer(self.text):
            result += self.slice(at, match.start())
            at = match.end()
            origin = self.origins[match.start()]
            if match[2] == "%":
                result += Tracked.at("%", origin)
                continue
            if match[1]:
                value = values[match[1]]
            else:
                value = values[index] if isinstance(values, tuple) else values
                index += 1
            form = bounded_form("%" + match[0][1:].replace(f"({match[1]})", "", 1))
            result += placed(value, form % plain(value), origin)
        if index < (len(values) if isinstance(values, tuple) else 0):
            raise TypeError("not all arguments converted")
        return result + self.slice(at, len(self.text))

    def format(self, values: Sequence[Any], named: Mapping[str, Any]) -> Tracked:
        """str.format with plain names and numbers. Raises what Python raises."""
        result, at, index = Tracked("", []), 0, 0
        for literal, name, form, conversion in string.Formatter().parse(self.text):
            # parse() gives literals with {{ halved: find each by walking along.
            for character in literal:
                origin = self.origins[at]
                at += 2 if character in "{}" and self.text[at : at + 2] == character * 2 else 1
                result += Tracked.at(character, origin)
            if name is None:
                continue
            origin = self.origins[at]
            at = self.text.index("}", at) + 1
            if name.isdigit() or not name:
                value = values[int(name) if name else index]
                index += 1
            else:
                value = named[name]
            bare = plain(value)
            shown = repr(bare) if conversion == "r" else bare
            result += placed(value, format(shown, bounded_form(form or "")), origin)
        return result

    def line_map(self) -> tuple[int, dict[int, int]]:
        """(the file most of the text is from, line of this text -> line there); origin 0 has no line."""
        firsts: dict[int, int] = {}
        at = 0
        for number, line in enumerate(self.text.split("\n"), 1):
            blank = len(line) - len(line.lstrip())
            place = at + (blank if blank < len(line) else 0)
            if place < len(self.origins) and self.origins[place]:
                firsts[number] = self.origins[place]
            at += len(line) + 1
        files = Counter(origin >> _FILE_SHIFT for origin in firsts.values())
        file = files.most_common(1)[0][0] if files else 0
        mask = (1 << _FILE_SHIFT) - 1
        return file, {line: origin & mask for line, origin in firsts.items() if origin >> _FILE_SHIFT == file}


def plain(value: Any) -> Any:
    """A value with every Tracked in it as a str. Raises TooLarge: (t, t) of (t, t) of … doubles each time."""
    left = _MOST_ITEMS

    def each(value: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooLarge
        if isinstance(value, Tracked):
            return value.text
        if isinstance(value, (list, tuple)):
            return type(value)(each(item) for item in value)
        if isinstance(value, dict):
            return {each(key): each(item) for key, item in value.items()}
        return value

    return each(value)


def bounded_form(form: str) -> str:
    """A format again. Raises TooLarge for a width or precision of millions of characters."""
    if any(len(number) > 5 for number in re.findall(r"\d+", form)):
        raise TooLarge
    return form


def literal(node: ast.Constant, source: list[bytes], number: int) -> Tracked:
    """A string literal with the line of each of its characters; `source` is the script, split at newlines."""
    value = node.value.decode("utf-8", "replace") if isinstance(node.value, bytes) else str(node.value)
    last = node.end_lineno or node.lineno
    lines: list[int] = []
    try:
        rows = source[node.lineno - 1 : last]
        rows[-1] = rows[-1][: node.end_col_offset]
        rows[0] = rows[0][node.col_offset :]
        segment = b"\n".join(rows).decode("utf-8", "replace")
        for token in tokenize.generate_tokens(io.StringIO(f"({segment})").readline):
            if token.type == tokenize.STRING:
                lines += _literal_lines(token.string, node.lineno + token.start[0] - 1)
    except (tokenize.TokenError, SyntaxError, ValueError, IndexError):
        lines = []
    if len(lines) != len(value):  # something we did not foresee: count lines, which is right for plain text
        lines = [min(line, last) for line in line_numbers(value, node.lineno)]
    return Tracked(value, [number << _FILE_SHIFT | line for line in lines])


def _literal_lines(token: str, line: int) -> list[int]:
    """The line of each character of one string token, as it stands in the file."""
    prefix = re.match(r"[a-zA-Z]*", token)
    assert prefix
    body = token[prefix.end() :]
    quote = 3 if body[:3] in ('"""', "'''") else 1
    body = body[quote:-quote].replace("\r\n", "\n")
    if "r" in prefix[0].lower():
        return line_numbers(body, line)
    lines, at = [], 0
    while at < len(body):
        escape = _ESCAPE.match(body, at) if body[at] == "\\" else None
        if escape:
            if escape[0] != "\\\n":
                lines += [line] * len(_unescape(escape[0]))
            line += escape[0].count("\n")
            at = escape.end()
        else:
            lines.append(line)
            line += body[at] == "\n"
            at += 1
    return lines


def _unescape(escape: str) -> str:
    """What one escape sequence stands for."""
    known = "\n\\'\"abfnrtv01234567xuUN"
    return " " if escape[1:2] in known else "  "  # an unknown one stays as it is, two characters


def line_numbers(text: str, line: int) -> list[int]:
    """The line of each character of a text that begins on `line`."""
    numbers = []
    for character in text:
        numbers.append(line)
        line += character == "\n"
    return numbers


def placed(value: Any, shown: str, origin: int) -> Tracked:
    """A formatted value: a text of several lines keeps its own lines, anything else is where it was put."""
    if isinstance(value, Tracked) and value.text == shown and "\n" in shown.strip("\n"):
        return value
    return Tracked.at(shown, origin)
