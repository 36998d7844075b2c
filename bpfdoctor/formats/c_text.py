"""What in a C text is code: comments and strings found, blanked in place, or taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.pattern import later

# With re.DOTALL. Each takes what it began to the end, finished or not, and never goes back, so that each
# byte is looked at once however the text is made.
COMMENT = r"(?:/\*(?:.*?\*/|.*)|//(?>(?:[^\\\n]|\\.)*))"
STRING = r"""(?:"(?>(?:[^"\\\n]|\\.)*)"?|'(?>(?:[^'\\\n]|\\.)*)'?)"""
_NOT_CODE = later(rf"{COMMENT}|{STRING}", re.DOTALL)
_NOT_NEWLINE = later(r"[^\n]")


def blank(text: str) -> str:
    """As many spaces and newlines as the text is long."""
    return _NOT_NEWLINE.sub(" ", text)


def code_only(text: str) -> str:
    """The text with comments and the insides of strings blanked; lines and columns stay."""

    def blanked(match: re.Match[str]) -> str:
        word = match[0]
        if word[0] == "/":
            return blank(word)
        closed = len(word) > 1 and word[-1] == word[0]
        return word[0] + blank(word[1 : len(word) - closed]) + word[0] * closed

    return _NOT_CODE.sub(blanked, text)


def before_comment(line: str) -> str:
    """The line without the comment that ends it."""
    end = len(line.rstrip())
    for match in _NOT_CODE.finditer(line):
        if match[0][0] == "/" and match.end() >= end:
            return line[: match.start()].rstrip()
    return line[:end]


def without_comments(text: str) -> str:
    """The text with a space for every comment."""
    return _NOT_CODE.sub(lambda match: " " if match[0][0] == "/" else match[0], text)


def bare(text: str) -> str:
    """The text with a space for every comment and every string."""
    return _NOT_CODE.sub(" ", text)


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Each comment with its offset; what stands in strings is none."""
    return ((match.start(), match[0]) for match in _NOT_CODE.finditer(text) if match[0][0] == "/")
