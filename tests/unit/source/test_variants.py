"""The small changes that undo a usual slip."""

from __future__ import annotations

import pytest

from bpfdoctor.source.csyntax import CFile

HEAD = "int f(int i, char *p)\n{\n"


def variants(condition: str) -> list[str]:
    """The condition of an if with each change made."""
    c = CFile(f"{HEAD}\tif ({condition})\n\t\treturn 0;\n\treturn p[i];\n}}\n")
    (found,) = c.conditions_before(5)
    made = []
    for each in c.variants(found.span):
        line = c.line(3)
        made.append(line[: each.span.column - 1] + each.text + line[each.span.end_column - 1 :])
    return [line.removeprefix("\tif (").removesuffix(")") for line in made]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("p", "!p"),
        ("!p", "p"),
        ("i > 15", "i <= 15"),
        ("i < -16", "i < 16"),
        ("i > 15", "i >= 15"),
        ("i > 16", "i > 15"),
        ("i >= 0xf", "i >= 0x10"),
        ("p == 0", "p != 0"),
        ("i < 0 && i > 15", "i < 0 || i > 15"),
        ("!(i >= 16)", "i >= 16"),
    ],
)
def test_one_of_them_is_what_was_meant(written: str, meant: str) -> None:
    found = variants(written)
    assert meant in found
    assert written not in found
    assert len(set(found)) == len(found) < 16


def test_numbers_of_a_line_and_of_no_other() -> None:
    c = CFile(f"{HEAD}\tp[3] = 1;\n\treturn p[16];\n}}\n")
    assert [each.text for each in c.number_variants(4)] == ["15", "17"]


def test_zero_is_left_alone_and_what_is_added_can_be_left_out() -> None:
    c = CFile(f"{HEAD}\treturn p[0] + p[i + 1];\n}}\n")
    assert [(each.was, each.text) for each in c.number_variants(3)] == [
        ("i + 1", "i"),
        ("1", "0"),
        ("1", "2"),
    ]


def test_a_text_of_nothing_but_comparisons_takes_no_time() -> None:
    assert len(variants(" || ".join(["i > 1"] * 3000))) < 500


def test_a_call_and_the_later_statement_of_its_block() -> None:
    c = CFile(f"{HEAD}\tdrop(p);\n\tif (i)\n\t\ti = p[0];\n\treturn i;\n}}\n")
    found = c.later_sibling(3, 5)
    assert found is not None
    assert (found[0].line, found[1].line, found[1].end_line) == (3, 4, 5)
    assert c.later_sibling(5, 6) is None  # no call
    assert c.later_sibling(4, 3) is None  # not later
