"""Which condition a branch tests where clang gave it the line of a NULL check in front."""

from __future__ import annotations

import pytest

from bpfdoctor.log.line import InsnLine
from bpfdoctor.log.lines import parse
from bpfdoctor.model.trace import Insn
from bpfdoctor.source.conditions import compares_sizes, merged_condition
from bpfdoctor.source.csyntax import CFile

PROGRAM = """\
int keep(struct table *t, unsigned long count)
{
	if (!t)
		return 0;
	if (t == other)
		return 0;
	if (count >= 16)
		return 0;
	t->slots[count] = 1;
	return 0;
}
"""


def insn(text: str) -> Insn:
    line = parse(text)
    assert isinstance(line, InsnLine)
    return line.insn


def test_a_comparison_of_sizes_on_the_line_of_a_null_check_is_that_of_a_later_if() -> None:
    # clang 19 of a corpus program: 10: (25) if r7 > 0xf goto pc+9 stands under `; if (!t) @ …:25`
    found = merged_condition(CFile(PROGRAM), 3, insn("9: (25) if r7 > 0xf goto pc+9"))
    assert found is not None and found.line == 7


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (3, "10: (15) if r0 == 0x0 goto pc+8"),  # the NULL check itself
        (7, "9: (25) if r7 > 0xf goto pc+9"),  # already where it belongs
        (9, "9: (25) if r7 > 0xf goto pc+9"),  # no condition on the line: nothing is guessed
    ],
)
def test_other_branches_stay_on_their_line(line: int, text: str) -> None:
    assert merged_condition(CFile(PROGRAM), line, insn(text)) is None


@pytest.mark.parametrize(
    ("condition", "compares"),
    [("count >= 16", True), ("16 < n", True), ("!t", False), ("t->next", False), ("a << 3", False)],
)
def test_what_compares_sizes(condition: str, compares: bool) -> None:
    assert compares_sizes(condition) is compares
