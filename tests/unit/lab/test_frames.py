"""What the guest writes is read back whole, and nothing else is taken for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.lab import frames
from bpfdoctor.lab.frames import Answer, RequestKind, Tag

Pairs = dict[Tag, bytes]
sequences = st.integers(1, 0xFFFFFFFF)
kinds = st.sampled_from(Answer)
values = st.dictionaries(st.sampled_from(Tag), st.binary(max_size=50), max_size=6)


def channel(*answers: bytes, tail: bytes = b"") -> bytes:
    """Shared memory with answers in it, one after the other as the guest puts them."""
    body = b"".join(answer + bytes(-len(answer) % 8) for answer in answers)
    return bytes(16) + body + tail


@given(sequences, st.lists(st.tuples(kinds, values), max_size=4), st.binary(max_size=64))
def test_answers_come_back_as_they_were_written(
    sequence: int, wanted: list[tuple[Answer, Pairs]], noise: bytes
) -> None:
    written = [frames.answer(kind, sequence, frames.fields(list(pairs.items()))) for kind, pairs in wanted]
    found = list(frames.answers(channel(*written, tail=noise), sequence, 16))
    assert [(frame.kind, dict(frame.fields)) for frame in found] == [(k, dict(v)) for k, v in wanted]


@given(st.binary(max_size=300), sequences)
def test_noise_is_no_answer(noise: bytes, sequence: int) -> None:
    assert list(frames.answers(noise, sequence, 0)) == []


@given(sequences, kinds, values, st.data())
def test_a_changed_byte_makes_it_no_answer(
    sequence: int, kind: Answer, pairs: Pairs, data: st.DataObject
) -> None:
    whole = bytearray(frames.answer(kind, sequence, frames.fields(list(pairs.items()))))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    assert list(frames.answers(bytes(whole), sequence, 0)) == []


@given(sequences, kinds, values, st.data())
def test_an_answer_that_is_still_being_written_is_none(
    sequence: int, kind: Answer, pairs: Pairs, data: st.DataObject
) -> None:
    whole = frames.answer(kind, sequence, frames.fields(list(pairs.items())))
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert list(frames.answers(whole[:cut], sequence, 0)) == []


def test_an_answer_to_an_older_request_is_none() -> None:
    old = frames.answer(Answer.DONE, 7, b"")
    assert list(frames.answers(old, 8, 0)) == []


def test_an_answer_inside_an_answer_is_only_text() -> None:
    """A program can make the kernel print anything; what it prints is a field, never a frame."""
    inner = frames.answer(Answer.DONE, 5, b"")
    outer = frames.answer(Answer.PROGRAM, 5, frames.fields([(Tag.LOG1, inner)]))
    found = list(frames.answers(channel(outer), 5, 16))
    assert [frame.kind for frame in found] == [Answer.PROGRAM]
    assert found[0].fields[Tag.LOG1] == inner


def test_numbers_and_texts() -> None:
    payload = frames.fields([(Tag.ERRNO, 13), (Tag.NAME, "größe"), (Tag.LOG4, b"\xff")])
    (frame,) = frames.answers(frames.answer(Answer.PROGRAM, 1, payload), 1, 0)
    assert (frame.number(Tag.ERRNO), frame.text(Tag.NAME)) == (13, "größe")
    assert (frame.number(Tag.CUT, 9), frame.text(Tag.SECTION), frame.text(Tag.LOG4)) == (9, "", "\ufffd")


def test_a_request_is_no_answer() -> None:
    assert list(frames.answers(frames.request(RequestKind.OBJECT, 3, b""), 3, 0)) == []
