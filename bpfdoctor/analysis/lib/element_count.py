"""A number of elements that is compared with a number of bytes: `i < sizeof(array)`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.bound_on_other_value import Limit
from bpfdoctor.analysis.lib.chain import values_of
from bpfdoctor.kernel.comparisons import NEGATED
from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.model.diagnosis import Fact, Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Step
from bpfdoctor.trace.slice import How, Origin

_SIZE = re.compile(r"\bsizeof\b")
_COUNT = re.compile(r"/\s*\(?\s*sizeof\b|/\s*\d|ARRAY_SIZE|array_size")


@dataclass(frozen=True, slots=True)
class ElementCount:
    """The comparison lets `compared` numbers pass, as many as there are bytes: `elements` elements of
    `element_size` bytes each.
    """

    compared: int
    elements: int
    element_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsElements(Facts):
    """Facts about a number that may count `elements`; None where nothing shows that it does."""

    elements: ElementCount | None = None

    @property
    def bytes_compared(self) -> int:
        return self.elements.compared if self.elements else 0

    @property
    def element_count(self) -> int:
        return self.elements.elements if self.elements else 0

    @property
    def element_size(self) -> int:
        return self.elements.element_size if self.elements else 0

    def counted(self) -> Mapping[str, Fact]:
        """The part of `public` that all of them have."""
        return {"elements": self.element_count or None, "element_size": self.element_size or None}


def element_count(
    context: Context, at: Step, register: str, known: Limit, room: int | None
) -> ElementCount | None:
    """What the number in `register` before `at` counts, where its comparison is of bytes.

    It is multiplied by the size of an element after the comparison, and what it is compared with is the size
    of the memory (`room`, bytes), or written with sizeof.
    """
    check = known.check
    if check is None or known.why is not Loss.TOO_SMALL or known.lost is not None:
        return None
    chain = [each for each in values_of(context, at, register) if each.step.number > check.number]
    scale, limit = _scale(chain), _passing(check)
    if scale is None or limit is None:
        return None
    text = context.source.comment(check) or ""
    if _COUNT.search(text):
        return None
    sizes = (limit, limit - 1)  # `i <= sizeof(array)` is wrong twice
    size = next((each for each in sizes if each == room), None)
    if size is None and _SIZE.search(text):
        size = next((each for each in sizes if each % scale == 0), None)
    if not size or size % scale:
        return None
    return ElementCount(size, size // scale, scale)


def _scale(chain: list[Origin]) -> int | None:
    """What the steps multiply the number by; None when they do anything else with it, or nothing.

    A shift up and down again widens the number: `r1 <<= 32`, `r1 >>= 30` is four times the lower half.
    """
    shift, factor = 0, 1
    for insn in (each.step.insn for each in chain if each.how is How.ARITHMETIC):
        if insn.imm is None:
            return None
        if insn.operator == "*=":
            factor *= insn.imm
        elif insn.operator in ("<<=", ">>=", "s>>="):
            shift += insn.imm if insn.operator == "<<=" else -insn.imm
        elif insn.operator != "&=" or insn.imm != U32_MAX:
            return None
    scale = factor << shift if shift >= 0 else 0
    return scale if scale > 1 else None


def _passing(check: Step) -> int | None:
    """How many numbers, from 0 on, are on this side of a comparison with a constant."""
    insn = check.insn
    if insn.imm is None or check.taken is None:
        return None
    operator = insn.operator if check.taken else NEGATED.get(insn.operator or "")
    return {"<": insn.imm, "<=": insn.imm + 1}.get((operator or "").removeprefix("s"))
