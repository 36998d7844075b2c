"""The ways out of a function on which something is still held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bpfdoctor.fixes.plan import Site
from bpfdoctor.source.cvalues import Span


def held_at(at: Site, taken: int, released: Sequence[int]) -> Iterator[Span]:
    """Returns and jumps out that come after line `taken` without one of the lines `released`, in order."""
    for span in _exits(at, taken):
        around = conditions_around(at, span.line)
        given = any(line <= span.line and conditions_around(at, line) <= around for line in released)
        later = at.c.line(span.line).lstrip().startswith("goto") and any(
            line > span.line for line in released
        )
        if not given and not later:
            yield span


def conditions_around(at: Site, line: int) -> frozenset[tuple[Span, str | None]]:
    """The conditions that a line is under, and in which part."""
    return frozenset((each.span, each.branch) for each in at.c.conditions_before(line) if each.encloses)


def _exits(at: Site, first: int) -> list[Span]:
    found = [each.span for each in at.c.returns(at.function) if each.span.line > first]
    for line in range(first + 1, at.function.end):
        text = at.c.line(line)
        if jump := re.search(r"\bgoto \w+;", text):
            found.append(Span(line, jump.start() + 1, line, jump.end() + 1))
    return sorted(found, key=lambda span: (span.line, span.column))
