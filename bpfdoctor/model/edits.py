"""Carries out line edits on a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bpfdoctor.model.diagnosis import Edit, Place
from bpfdoctor.pattern import later

_LINE = later(r"[^\n]*\n|[^\n]+")  # compilers count newlines, and nothing else that splitlines() splits at


def lines(text: str) -> list[str]:
    """The lines with their ends; the last may lack its."""
    return _LINE.findall(text)


def line_end(text: str) -> str:
    """How the lines of a text end: as its first does."""
    return "\r\n" if text[: text.find("\n") + 1].endswith("\r\n") else "\n"


def renamed(text: str, at: Place, wrong: str, right: str) -> tuple[Edit, ...]:
    """A line of a text with another name in it; () where the wrong one is not on it exactly once."""
    found = lines(text)
    line = found[at.line - 1].rstrip("\r\n") if 0 < at.line <= len(found) else ""
    name = re.compile(rf"\b{re.escape(wrong)}\b")
    if len(name.findall(line)) != 1:
        return ()
    return (Edit(at.file, at.line, at.line, (name.sub(lambda _: right, line),)),)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits of one file carried out, last line first so that line numbers stay right."""
    edits = sorted(edits, key=lambda e: (e.first, e.last), reverse=True)
    found = lines(text)
    ending = line_end(text)
    if edits and edits[0].first > len(found) and found and not found[-1].endswith("\n"):
        found[-1] += ending
    for edit in edits:
        found[edit.first - 1 : edit.last] = [line + ending for line in edit.lines]
    return "".join(found)
