"""Which condition of the source a branch tests, where the compiler made one branch of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfdoctor.model.trace import Insn, Op
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Span

_ORDERED = later(r"[^<>=!-][<>]=?[^<>]")
_IS_NULL = later(r"!?\s*[\w.>-]+(?:\s*[!=]=\s*(?:NULL|0))?")


def compares_sizes(text: str) -> bool:
    """Whether a condition asks for more or less, not only for one value or none."""
    return _ORDERED.search(text) is not None


def tests_order(insn: Insn) -> bool:
    """Whether a branch asks for more or less."""
    return insn.op is Op.BRANCH and (insn.operator or "").lstrip("s") in ("<", "<=", ">", ">=")


def merged_condition(c: CFile, line: int, insn: Insn) -> Span | None:
    """The condition after the line that a branch tests in truth; None: the line's own.

    Of `if (!p) return 0;` and `if (n > 16) return 0;` clang makes branches to one place, in the order it
    likes, and gives both the line of the first.
    """
    function = c.function_at(line) if tests_order(insn) else None
    if function is None:
        return None
    conditions = c.conditions_before(function.end)
    here = [each for each in conditions if each.span.holds(line)]
    if not here or not all(_IS_NULL.fullmatch(each.text) and each.exits for each in here):
        return None
    for each in conditions:
        if each.span.line > line:
            if compares_sizes(each.text):
                return each.span
            if not each.exits:
                return None
    return None
