"""Line edits carried out on a text."""

from __future__ import annotations

import pytest

from bpfdoctor.model.diagnosis import Edit
from bpfdoctor.model.edits import apply


@pytest.mark.parametrize(
    ("text", "edits", "result"),
    [
        ("a\nb\nc\n", (Edit("x.c", 2, 2, ("B", "b")),), "a\nB\nb\nc\n"),
        ("a\nb\n", (Edit("x.c", 1, 0, ("0",)), Edit("x.c", 2, 2, ())), "0\na\n"),
        ("a\r\nb\r\n", (Edit("x.c", 2, 1, ("x",)),), "a\r\nx\r\nb\r\n"),
        ("a\nb", (Edit("x.c", 1, 1, ("A",)),), "A\nb"),  # what nobody edits keeps its missing newline
        ("a\nb", (Edit("x.c", 3, 2, ("c",)),), "a\nb\nc\n"),
        ("a\x0cb\nc\n", (Edit("x.c", 2, 2, ("C",)),), "a\x0cb\nC\n"),  # a form feed ends no line
    ],
)
def test_edits_count_lines_as_compilers_do(text: str, edits: tuple[Edit, ...], result: str) -> None:
    assert apply(text, edits) == result
