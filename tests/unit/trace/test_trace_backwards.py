"""Lines found from the end of a buffer are those that splitting the whole text gives."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.log.events import Event, event_at, events_after, events_before, line_end
from bpfdoctor.trace.backwards import count_lines, find_line_before

TEXTS = st.text("ab: \n", max_size=40).map(str.encode)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[bytes, int, int]:
    """A text, and where a piece of it begins (at a line) and ends."""
    text = draw(TEXTS)
    low = draw(st.sampled_from([0, *(at + 1 for at, byte in enumerate(text) if byte == ord("\n"))]))
    return text, low, draw(st.integers(low, len(text)))


def split(text: bytes, low: int, end: int) -> list[tuple[int, str]]:
    """(offset, line), in order; a final newline makes no empty line."""
    piece = text[low:end].removesuffix(b"\n")
    if low == end:
        return []
    found = []
    for line in piece.split(b"\n"):
        found.append((low, line.decode()))
        low += len(line) + 1
    return found


@given(pieces())
def test_lines_come_in_both_directions(piece: tuple[bytes, int, int]) -> None:
    text, low, end = piece
    assert [placed(each) for each in events_after(text, low, end)] == split(text, low, end)
    assert [placed(each) for each in events_before(text, low, end)] == split(text, low, end)[::-1]


def placed(event: Event) -> tuple[int, str]:
    assert event.end == event.start + len(event.data)
    return event.start, event.whole


@given(pieces(), st.sampled_from([b"a", b"ab", b"b:"]))
def test_a_line_is_found_by_its_beginning(piece: tuple[bytes, int, int], beginning: bytes) -> None:
    text, low, end = piece
    offsets = [at for at, line in split(text, low, end) if line.encode().startswith(beginning)]
    assert find_line_before(text, beginning, low, end) == (offsets[-1] if offsets else -1)


@given(TEXTS, st.sampled_from([b"a", b"ab"]))
def test_lines_are_counted_by_their_beginning(text: bytes, beginning: bytes) -> None:
    """From after a line's start on: the line at `low` itself is not one of them."""
    lines = re.findall(rb"(?<=\n)" + beginning + rb"[: ]", text)
    assert count_lines(text, beginning, b": ", 0, len(text)) == len(lines)


def test_lines_outside_of_the_piece_do_not_count() -> None:
    text = b"x\na: 1\na: 2\na: 3\n"
    assert count_lines(text, b"a", b":", 2, len(text)) == 2
    assert count_lines(text, b"a", b":", 0, 11) == 2
    assert (line_end(text, 2, len(text)), line_end(text, 2, 4)) == (6, 4)


def test_a_line_is_read_as_text_without_its_carriage_return() -> None:
    assert event_at(b"ab\xff\r", 0, 4).whole == "ab\ufffd"
    assert event_at(b"xaby", 1, 3).whole == "ab"
    assert len(event_at(b"a" * 70_000, 0, 70_000).whole) == 65_536
