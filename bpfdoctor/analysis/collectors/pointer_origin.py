"""Where a pointer comes from that is used as it may not be used."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import chain_of
from bpfdoctor.analysis.lib.subjects import named
from bpfdoctor.model.diagnosis import Fact, Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Step


class Outcome(Outcomes):
    SHOWN = "an instruction of the path made it"
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


def collect(context: Context) -> Found | NotShown:
    step, register = context.step, named(context)
    if step is None or register is None:
        return NotShown("the log does not show which pointer is meant")
    origin = chain_of(context, step, register).origin
    facts = PointerOrigin(register=register, origin=origin, cause=step, why=Loss.NEVER, registers=(register,))
    return Found(Outcome.SHOWN if origin is not None else Outcome.GIVEN, facts)
