"""Bytes to events: each line of a text is one, and how it begins tells its kind, in about a microsecond.

Events are made by offset, forwards or backwards, as many as somebody asks for. This is what lets a log of any
size be cut into programs and error blocks without parsing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bpfdoctor.log.kinds import SHAPES, Kind
from bpfdoctor.model.report import Buffer

# verbose() cuts each piece at 1 KiB, and a line has a few dozen at the most: of a longer one, which is no
# kernel's, the beginning is enough.
LONGEST = 1 << 16


class Event(NamedTuple):
    """One line of a text: where it is, and what kind its beginning says."""

    kind: Kind
    start: int  # byte offsets in the text, without the newline
    end: int
    data: bytes

    @property
    def text(self) -> str:
        """The line for a reader. The kernel cuts its messages at 1,023 bytes; hostile lines are cut too."""
        return self.data[:2048].decode("utf-8", "replace").strip()

    @property
    def whole(self) -> str:
        """The line as it stands there; bytes that are no UTF-8 become U+FFFD."""
        return self.data.decode("utf-8", "replace").rstrip("\r")


_HELD_WITHIN = 400  # bytes


def _by_first_byte() -> dict[int, tuple[tuple[bytes, Kind], ...]]:
    table: dict[int, list[tuple[bytes, Kind]]] = {}
    for shape in SHAPES:
        for begin in shape.begins:
            table.setdefault(begin[0], []).append((begin, shape.kind))
    return {first: tuple(entries) for first, entries in table.items()}


_BEGINS = _by_first_byte()
_PATTERN = re.compile(b"|".join(b"(?P<%s>%s)" % (s.kind.name.encode(), s.pattern) for s in SHAPES))
_HOLDS = tuple((held, shape.kind) for shape in SHAPES for held in shape.holds)
_BY_NAME = {kind.name: kind for kind in Kind}


def kind_of(line: bytes) -> Kind:
    """The kind of one line, which has no newline."""
    for begin, kind in _BEGINS.get(line[0], ()) if line else ():
        if line.startswith(begin):
            return kind
    match = _PATTERN.match(line)
    if match is not None:
        return _BY_NAME[match.lastgroup or "TEXT"]
    head = line[:_HELD_WITHIN]
    for held, kind in _HOLDS:
        if held in head:
            return kind
    return Kind.TEXT


def events_of(text: bytes, offset: int = 0) -> list[Event]:
    """The lines of `text`, which stands at `offset` in the whole."""
    found = []
    for line in text.split(b"\n"):
        end = offset + len(line)
        found.append(Event(kind_of(line), offset, end, line))
        offset = end + 1
    return found


def event_at(text: Buffer, start: int, end: int) -> Event:
    """The line text[start:end], without its newline."""
    line = text[start : min(end, start + LONGEST)]
    return Event(kind_of(line), start, end, line)


def events_before(text: Buffer, low: int, end: int) -> Iterator[Event]:
    """The lines in text[low:end], last one first. A final newline makes no empty line."""
    if end == low:
        return
    if text[end - 1 : end] == b"\n":
        end -= 1
    while end >= low:
        start = max(text.rfind(b"\n", low, end) + 1, low)
        yield event_at(text, start, end)
        end = start - 1


def events_after(text: Buffer, start: int, high: int) -> Iterator[Event]:
    """The lines in text[start:high], in order."""
    while start < high:
        end = line_end(text, start, high)
        yield event_at(text, start, end)
        start = end + 1


def line_end(text: Buffer, start: int, high: int) -> int:
    """The end of the line that begins at `start`, without its newline."""
    end = text.find(b"\n", start, high)
    return high if end < 0 else end
