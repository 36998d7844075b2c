"""What a rule says: plain sentences with values in them, `{proved} of {end:bytes}`. There are no conditions.

`{name}` is a field of the collector's facts, or a value bound from the message; `{name:kind}` says how it is
written (the kinds are in analysis/spoken.py). A sum may stand for the name: `{off + size - 1}`. A brace is
written `\\{`. Sentences are parsed when the
catalogue is built: a start reads lists of texts and [name, kind] pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Sentence = Sequence[str | Sequence[str]]  # literal texts, and [name or sum, kind] with "" for no kind

PLAIN = ""  # the kind of a value that says none


class SentenceError(ValueError):
    """A sentence that does not read as text with values in braces."""


def parse(text: str) -> list[str | list[str]]:
    """The sentence's texts and values, in order. Raises SentenceError."""
    from bpfdoctor import grammar  # only here: a start reads what was parsed before
    from bpfdoctor.catalogue.template import unescaped
    from bpfdoctor.parser import ParseError, Token

    try:
        tree = grammar.parser("template", "sentence").parse(text.strip("\n"))
    except ParseError as error:
        seen = text[error.position :]
        raise SentenceError(
            f"it makes no sense from {seen[:20]!r} on: a value is {{name}} or {{name:kind}}, a brace is \\{{"
        ) from None
    parts: list[str | list[str]] = []
    for child in tree.children:
        if not isinstance(child, Token):
            name, kind = child.children
            parts.append([str(name), PLAIN if kind is None else str(kind)])
        elif parts and isinstance(parts[-1], str):
            parts[-1] += unescaped(child)
        else:
            parts.append(unescaped(child))
    return parts


def values(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """The (name or sum, kind) of every value in it."""
    return ((part[0], part[1]) for part in sentence if not isinstance(part, str))


def written(sentence: Sentence, write: Callable[[str, str], Any]) -> str:
    """The sentence, each value written by `write(name or sum, kind)`."""
    return "".join(part if isinstance(part, str) else str(write(part[0], part[1])) for part in sentence)
