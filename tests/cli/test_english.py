"""What people read is idiomatic: none of the phrases that were mended comes back.

The list is of phrases that are wrong wherever they stand in these texts, each with what is said instead.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from bpfdoctor.catalogue.head import split
from tests.cli import printed
from tests.cli.command import ROOT


class Phrase(NamedTuple):
    pattern: str
    better: str
    was: str  # a sentence that had it


PHRASES = (
    Phrase(r"\bin front of\b", "before", "a check in front of the access"),
    Phrase(r"\bbehind\b(?! the scenes)", "after; under a condition", "the message stands behind the state"),
    Phrase(r"\bmostly\b", "usually", "mostly a cast"),
    Phrase(r"\bon (every|this|the other) way\b", "on every path", "written on every way to this line"),
    Phrase(r"\bin your eyes\b", "what is known, and by whom", "impossible in your eyes"),
    Phrase(r"\b(is|are) there since\b", "has existed since", "it is there since Linux 5.8"),
    Phrase(r"\b(hands out|handed out)\b", "returns, returned", "a helper hands out memory"),
    Phrase(
        r"\b(gives?|gave|given|giving)( it| them| the \w+)? back\b",
        "release, released",
        "it must be given back",
    ),
    Phrase(r"\bstands (in(?! for)|at|on|under|before|after)\b", "is", "the lock stands in the value"),
    Phrase(r"\bgets nothing proved\b", "can prove nothing", "the pointer gets nothing proved"),
    Phrase(
        r"(?<!there )\b(is|are) no (?!longer|more|one|way)[a-z-]+(?=[ ,.:;]|$)",
        "is not a",
        "this argument is no map",
    ),
    Phrase(r"\bfor want of\b", "because … is missing", "it failed for want of memory"),
    Phrase(r"\b(for ever|any more)\b", "forever, no longer", "it is not used any more"),
    Phrase(r"\bI (may|can|cannot|could)\b", "say what happened, not who speaks", "I may not read it"),
)
GENERATED = ("gallery.md", "from-the-notes.md", "CHANGELOG.md")


def prose(markdown: str) -> Iterator[str]:
    """The paragraphs' lines, without code."""
    fenced = False
    for line in markdown.splitlines():
        if line.strip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    ") and "program(" not in line:
            yield re.sub(r"`[^`]*`|\([^()\s]+\)", "", line)


def documents() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))):
        if path.name not in GENERATED:
            yield from ((path.name, line) for line in prose(path.read_text(encoding="utf-8")))


def pages() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.glob("rules/*/*.md")):
        head, body = split(path.read_text(encoding="utf-8"), path.name)
        yield from ((path.name, text) for text in said(tomllib.loads(head)))
        yield from ((path.name, line) for line in prose(body))
    for path in sorted((ROOT / "rules" / "outcomes").glob("*.toml")):
        yield from ((path.name, text) for text in said(tomllib.loads(path.read_text(encoding="utf-8"))))


def said(head: Any, key: str = "") -> Iterator[str]:
    """The texts of a rule's head that people read: not the words of others, and no code."""
    if isinstance(head, dict):
        for name, each in head.items():
            if name not in ("match", "when", "code", "example", "use"):
                yield from said(each, name)
    elif isinstance(head, list):
        for each in head:
            yield from said(each, key)
    elif isinstance(head, str):
        yield re.sub(r"`[^`]*`|\{[^}]*\}", "X", head)


def help_texts() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.glob("bpfdoctor/cli/*.py")):
        for text in printed.texts(ast.parse(path.read_text(encoding="utf-8"))):
            yield path.name, text


@pytest.mark.parametrize("read", [documents, pages, help_texts], ids=lambda read: read.__name__)
def test_no_phrase_that_was_mended_comes_back(read: Any) -> None:
    texts = list(read())
    assert len(texts) > 100
    found = [
        f"{where}: {match[0]!r} in {text.strip()!r}; better: {phrase.better}"
        for where, text in texts
        for phrase in PHRASES
        for match in re.finditer(phrase.pattern, text, re.IGNORECASE)
    ]
    assert found == []


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.better)
def test_each_phrase_is_noticed(phrase: Phrase) -> None:
    assert re.search(phrase.pattern, phrase.was)
