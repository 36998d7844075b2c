"""How lines begin tells their kind."""

from __future__ import annotations

import pytest

from bpfdoctor.log.events import events_after, events_before, events_of, kind_of
from bpfdoctor.log.kinds import SHAPES, Kind


@pytest.mark.parametrize(
    ("line", "kind"), [(line, shape.kind) for shape in SHAPES for line in shape.examples]
)
def test_examples_are_of_their_kind(line: bytes, kind: Kind) -> None:
    assert kind_of(line) is kind


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind.name)
def test_every_kind_shows_an_example(shape: object) -> None:
    assert getattr(shape, "examples")  # noqa: B009


@pytest.mark.parametrize(
    "line",
    [
        b"R1 !read_ok",
        b"invalid access to packet, off=0 size=1, R1(id=0,off=0,r=0)",
        b"infinite loop detected at insn 3",
        b"processed by hand",
        b"from here to there",
        b"func#2 writes 3 stack arg slots, but calls only require 2",
        b"I do not understand this.",
        b"<a new kind of line>",
    ],
)
def test_messages_and_words_are_text(line: bytes) -> None:
    assert kind_of(line) is Kind.TEXT


def test_events_know_where_they_are() -> None:
    text = b"0: R1=ctx()\n\nR1 !read_ok"
    events = events_of(text, offset=100)
    assert [text[event.start - 100 : event.end - 100] for event in events] == text.split(b"\n")
    assert [event.kind for event in events] == [Kind.STATE, Kind.BLANK, Kind.TEXT]


@pytest.mark.parametrize("text", [b"one\n\n; two\n0: R1=ctx()\n", b"; one\r\nlast"])
def test_forwards_and_backwards_are_the_same_events(text: bytes) -> None:
    forwards = list(events_after(text, 0, len(text)))
    assert forwards == events_of(text.removesuffix(b"\n"))
    assert list(events_before(text, 0, len(text))) == forwards[::-1]
    assert list(events_before(text, forwards[-1].start, len(text))) == forwards[-1:]
