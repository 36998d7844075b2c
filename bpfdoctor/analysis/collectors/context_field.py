"""Which bytes of the program's context were touched, and which field of the context that is."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Fact, Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op
from bpfdoctor.source.cvalues import AccessKind


class Outcome(Outcomes):
    READS_FIELD = "a field is read"
    WRITES_FIELD = "a field is written"
    READS_BYTES = "bytes are read, and the source does not say of which field"
    WRITES_BYTES = "bytes are written, and the source does not say of which field"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextField(Facts):
    """`size` bytes at `off` of the context; `field` as the user wrote it, "" where that is not known."""

    off: int
    size: int
    field: str

    def public(self) -> Mapping[str, Fact]:
        return {
            "off": self.off,
            "size": self.size,
            "field": self.field or None,
        }


FACTS = ContextField


def collect(context: Context) -> Found | NotShown:
    m, step = context.captures, context.step
    off, size = m.get("off"), m.get("size")
    if not isinstance(off, int) or not isinstance(size, int):
        return NotShown("the message does not say which bytes of the context are meant")
    facts = ContextField(
        off=off,
        size=size,
        field=_field(context),
        cause=step,
        why=Loss.NEVER,
    )
    if step is not None and step.insn.op in (Op.STORE, Op.ATOMIC):
        return Found(Outcome.WRITES_FIELD if facts.field else Outcome.WRITES_BYTES, facts)
    return Found(Outcome.READS_FIELD if facts.field else Outcome.READS_BYTES, facts)


def _field(context: Context) -> str:
    place = context.source.place(context.step) if context.step else None
    c = context.source.c(place.file) if place else None
    if place is None or c is None:
        return ""
    arrows = [access for access in c.accesses_on(place.line, place.column) if access.kind is AccessKind.ARROW]
    at = place.column or 0
    exact = [access for access in arrows if access.span.column <= at < access.span.end_column]
    return (exact or arrows)[0].text if exact or arrows else ""
