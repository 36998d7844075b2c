"""Line edits carried out on a text."""

from __future__ import annotations

import pytest

from bpfdoctor.model.diagnosis import Edit, Place
from bpfdoctor.model.edits import apply, renamed


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


def test_a_name_is_put_right_where_it_stands_once() -> None:
    text = "a();\r\n\told_name(old_name2);\r\nold(old);\n"
    assert renamed(text, Place("f", 2), "old_name", r"\1") == (Edit("f", 2, 2, ("\t\\1(old_name2);",)),)
    for line, wrong in ((3, "old"), (2, "old"), (1, "old"), (9, "old"), (0, "old")):
        assert renamed(text, Place("f", line), wrong, "new") == ()
