"""How numbers and parts are written in a rule's sentences."""

from __future__ import annotations

import pytest

from bpfdoctor.analysis.lib import words
from bpfdoctor.model.picture import Part, PartKind
from bpfdoctor.trace.digits import spelled


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-8, "-8"),
        (1024, "1024"),
        (1_048_575, "1048575"),  # the largest size written in digits
        (1_048_576, "0x100000"),
        (-1_048_575, "-1048575"),
        (-1_048_576, "-0x100000"),
        (0xFFFFFFFF, "0xffffffff"),
    ],
)
def test_sizes_are_digits_and_masks_are_hex(number: int, text: str) -> None:
    assert spelled(number) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 bytes"), (1, "1 byte"), (-1, "-1 byte"), (2, "2 bytes")])
def test_one_is_singular(number: int, text: str) -> None:
    assert words.count(number, "byte") == text
    assert words.count(number, "entry", "entries").endswith("entry" if abs(number) == 1 else "entries")


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [
        (8, 15, "8..15"),
        (8, 8, "8"),
        (0, None, "0 or more"),
        (0, 1 << 62, "0 or more"),
        (0, (1 << 62) - 1, "0..0x3fffffffffffffff"),
        (None, 7, "a negative number or 0..7"),
        (None, 0, "a negative number or 0..0"),
        (None, -1, "any number, also a negative one"),
        (None, 1 << 62, "any number, also a negative one"),
        (None, None, "any number, also a negative one"),
    ],
)
def test_limits(least: int | None, most: int | None, text: str) -> None:
    assert words.span(least, most) == text


def test_lists() -> None:
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b"]) == "a or b"
    assert words.listed(["a", "b", 3], "and") == "a, b and 3"


def test_what_is_not_written_is_named_by_member_and_padding() -> None:
    whole = Part(PartKind.MEMBER, 0, "....", "mark")
    partly = Part(PartKind.MEMBER, 4, "ww..", "port")
    padding = Part(PartKind.PADDING, 8, "..", "port")
    beyond = Part(PartKind.BEYOND, 12, ".", "port")
    nameless = Part(PartKind.BYTES, 16, "...")
    assert words.unwritten([whole]) == "mark"
    assert words.unwritten([partly, padding]) == "2 bytes of port and 2 bytes of padding after port"
    assert words.unwritten([replaced(padding)]) == "2 bytes of padding"
    assert words.unwritten([beyond, nameless]).endswith("port and 3 bytes")
    four = [Part(PartKind.MEMBER, at, "..", f"m{at}") for at in range(4)]
    assert words.unwritten(four) == "m0, m1, m2 and m3"
    assert words.unwritten([*four, padding]) == "m0, m1, m2 and 2 more, 10 bytes in all"


def replaced(part: Part) -> Part:
    """The same without a name."""
    return Part(part.kind, part.start, part.row)
