"""Where a pointer comes from that is used as it may not be used."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import chain_of
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.model.diagnosis import Fact, Facts, Layer, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.pattern import later


class Outcome(Outcomes):
    SHOWN = "an instruction of the path made it"
    COMPILER_OPERATOR = "the same, and the source only compares it there: the compiler made the arithmetic"
    GIVEN = "it was there when the path begins"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointerOrigin(Facts):
    """`origin` made what is in `register`, before all copies; None when nothing on the path did."""

    register: str
    origin: Step | None

    def public(self) -> Mapping[str, Fact]:
        return {
            "origin": self.origin,
        }


FACTS = PointerOrigin
_BITWISE = ("|=", "&=", "^=")
_ONE_IS_NULL = r"[\s!]*[\w.>-]+(?:\s*[!=]=\s*(?:NULL|0))?\s*"
_ARE_NULL = later(rf"{_ONE_IS_NULL}(?:(?:&&|\|\|){_ONE_IS_NULL}){{1,8}}")
_CALL = later(r"\w\s*\(")
_PARENTHESES = str.maketrans("", "", "()")


def collect(context: Context) -> Found | NotShown:
    step, register = context.step, named(context)
    if step is None or register is None:
        return NotShown("the log does not show which pointer is meant")
    origin = chain_of(context, step, register).origin
    is_compilers = origin is not None and _is_only_tested(context, step)
    facts = PointerOrigin(
        register=register,
        origin=origin,
        cause=step,
        why=Loss.RECOMPUTED if is_compilers else Loss.NEVER,
        registers=(register,),
        layer=Layer.LOWERING if is_compilers else None,
    )
    shown = Outcome.COMPILER_OPERATOR if is_compilers else Outcome.SHOWN
    return Found(shown if origin is not None else Outcome.GIVEN, facts)


def _is_only_tested(context: Context, step: Step) -> bool:
    """Whether the source has nothing there but a condition that asks which pointers are NULL.

    A condition with a call, a macro, a cast or another operator may ask for the arithmetic.
    """
    place = context.source.place(step)
    c = context.source.c(place.file) if place else None
    if c is None or place is None or step.insn.op is not Op.ALU or step.insn.operator not in _BITWISE:
        return False
    here = [each for each in c.conditions_before(place.line) if each.span.holds(place.line)]
    return bool(here) and all(
        not _CALL.search(each.text) and _ARE_NULL.fullmatch(each.text.translate(_PARENTHESES))
        for each in here
    )
