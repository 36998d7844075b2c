"""What is tried in the place of an operator or a number, and what never is."""

from __future__ import annotations

import pytest

from bpfdoctor.source.ctree import Tree
from bpfdoctor.source.cvariants import Slip, on_line


def numbers(statement: str) -> set[str]:
    tree = Tree(f"int f(int x)\n{{\n\t{statement}\n}}\n")
    return {each.text for each in on_line(tree, 3) if each.slip is Slip.NUMBER}


@pytest.mark.parametrize(
    ("statement", "tried"),
    [
        ("return x < 8;", {"7", "9"}),
        ("return x & 31;", set()),
        ("return x & 1;", set()),
        ("return x & 0x10;", {"0xf"}),
        ("x &= 16;", {"15"}),
        ("return x | 8;", set()),
        ("return x & 12;", set()),
        ("return x & (8 - 1);", {"7", "9", "0", "2"}),
    ],
)
def test_a_mask_is_never_one_off(statement: str, tried: set[str]) -> None:
    assert numbers(statement) == tried
