"""Which bytes of the program's context were touched, and which field of the context that is."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextField(Facts):
    """`size` bytes at `off` of the context; `field` as the user wrote it, `write` when it is a store."""

    off: int
    size: int
    field: str | None
    write: bool
    program_type: str | None


def collect(context: Context) -> ContextField | None:
    m, step = context.captures, context.step
    off, size = m.get("off"), m.get("size")
    if not isinstance(off, int) or not isinstance(size, int):
        return None
    return ContextField(
        off=off,
        size=size,
        field=_field(context),
        write=step is not None and step.insn.op in (Op.STORE, Op.ATOMIC),
        program_type=context.raw.program.type if context.raw.program else None,
        cause=step,
        why=Loss.NEVER,
    )


def _field(context: Context) -> str | None:
    place = context.source.place(context.step) if context.step else None
    c = context.source.c(place.file) if place else None
    if place is None or c is None:
        return None
    arrows = [access for access in c.accesses_on(place.line, place.column) if access.kind == "arrow"]
    at = place.column or 0
    exact = [access for access in arrows if access.span.column <= at < access.span.end_column]
    return (exact or arrows)[0].text if exact or arrows else None
