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
    WIDTH = "a field is touched in another width than its own"
    READS_FIELD = "a field is read"
    WRITES_FIELD = "a field is written"
    READS_BYTES = "bytes are read, and the source does not say of which field"
    WRITES_BYTES = "bytes are written, and the source does not say of which field"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextField(Facts):
    """`size` bytes at `off` of the context; `field` as the user wrote it, "" where that is not known.

    `whole` is how many bytes that field has, 0 where its declaration is not at hand.
    """

    off: int
    size: int
    field: str
    whole: int = 0

    def public(self) -> Mapping[str, Fact]:
        return {
            "off": self.off,
            "size": self.size,
            "field": self.field or None,
            "whole": self.whole or None,
        }


FACTS = ContextField
# What programs get as their context: the structures of include/uapi/linux/bpf.h and of kprobes.
_CONTEXTS = (
    "__sk_buff",
    "xdp_md",
    "bpf_sock_ops",
    "bpf_sock_addr",
    "bpf_sock",
    "bpf_sockopt",
    "bpf_sk_lookup",
    "bpf_sysctl",
    "bpf_perf_event_data",
    "sk_msg_md",
    "sk_reuseport_md",
    "pt_regs",
)


def collect(context: Context) -> Found | NotShown:
    m, step = context.captures, context.step
    off, size = m.get("off"), m.get("size")
    if not isinstance(off, int) or not isinstance(size, int):
        return NotShown("the message does not say which bytes of the context are meant")
    field = _field(context)
    start, whole = _declared(context, field, off)
    facts = ContextField(
        off=off,
        size=size,
        field=field,
        whole=whole,
        cause=step,
        why=Loss.NEVER,
    )
    if whole and (start, whole) != (off, size):
        return Found(Outcome.WIDTH, facts)
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


def _declared(context: Context, field: str, off: int) -> tuple[int, int]:
    """Offset and size of the field, where a context has one of that name at this place; (0, 0) else."""
    name = field.rpartition("->")[2].strip()
    for type in _CONTEXTS if name else ():
        leaves, _ = context.source.layout(type) or ((), ())
        for leaf in leaves:
            if leaf.path == name and leaf.offset <= off < leaf.offset + leaf.size:
                return leaf.offset, leaf.size
    return 0, 0
