"""Which bytes of the program's context were touched, and which field of the context that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel.context_fields import LATER
from bpfdoctor.kernel.versions import numbers, series
from bpfdoctor.model.diagnosis import Fact, Facts, Layer, Loss
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import Op
from bpfdoctor.source.cvalues import Access, AccessKind


class Outcome(Outcomes):
    WIDTH = "a field is touched in another width than its own"
    COMPILER_WIDTH = "the same, and the source reads or writes the whole field"
    READS_FIELD = "a field is read"
    LATER_FIELD = "a field is read that came after the oldest kernels, and not to this one as far as is known"
    WRITES_FIELD = "a field is written"
    READS_BYTES = "bytes are read, and the source does not say of which field"
    WRITES_BYTES = "bytes are written, and the source does not say of which field"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextField(Facts):
    """`size` bytes at `off` of the context; `field` as the user wrote it, "" where that is not known.

    `whole` is how many bytes that field has, 0 where its declaration is not at hand. `since` is the first
    release that has the field, "" for the older ones.
    """

    off: int
    size: int
    field: str
    whole: int = 0
    since: str = ""

    def public(self) -> Mapping[str, Fact]:
        return {
            "off": self.off,
            "size": self.size,
            "field": self.field or None,
            "whole": self.whole or None,
            "since": self.since or None,
        }


FACTS = ContextField
# What programs get as their context: the structures of include/uapi/linux/bpf.h and of kprobes.
CONTEXTS = (
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
    fields = _fields(context)
    field = fields[0].text if fields else ""
    start, whole, field = _declared(context, field, off)
    other_width = bool(whole) and (start, whole) != (off, size)
    is_compilers = other_width and _is_whole(context, fields[0])
    facts = ContextField(
        off=off,
        size=size,
        field=field,
        whole=whole,
        cause=step,
        why=Loss.RECOMPUTED if is_compilers else Loss.NEVER,
        layer=Layer.LOWERING if is_compilers else None,
    )
    if other_width:
        return Found(Outcome.COMPILER_WIDTH if is_compilers else Outcome.WIDTH, facts)
    if step is not None and step.insn.op in (Op.STORE, Op.ATOMIC):
        return Found(Outcome.WRITES_FIELD if facts.field else Outcome.WRITES_BYTES, facts)
    if since := _since(context, field, off):
        return Found(Outcome.LATER_FIELD, replace(facts, since=since, layer=Layer.ENVIRONMENT))
    return Found(Outcome.READS_FIELD if facts.field else Outcome.READS_BYTES, facts)


def _since(context: Context, field: str, off: int) -> str:
    """The release that brought the field; "" where the kernel, if it is known, has it."""
    name = field.rpartition("->")[2].partition("[")[0].strip()
    for (type, later), since in LATER.items():
        leaves, _ = (context.source.layout(type) if later == name else None) or ((), ())
        if any(leaf.path == later and leaf.offset == off for leaf in leaves):
            kernel = context.raw.kernel
            return "" if kernel is not None and series(kernel.release) >= numbers(since) else since
    return ""


def _fields(context: Context) -> Sequence[Access]:
    """The fields that the step's place in the source touches, the one at its very column first."""
    place = context.source.place(context.step) if context.step else None
    c = context.source.c(place.file) if place else None
    if place is None or c is None:
        return ()
    arrows = [access for access in c.accesses_on(place.line, place.column) if access.kind is AccessKind.ARROW]
    at = place.column or 0
    return sorted(arrows, key=lambda access: not access.span.column <= at < access.span.end_column)


def _is_whole(context: Context, field: Access) -> bool:
    """Whether C can only mean the whole field there: no pointer to it is made, and none is cast."""
    place = context.source.place(context.step) if context.step else None
    c = context.source.c(place.file) if place else None
    if place is None or c is None or "(" in field.base:
        return False
    here = c.accesses_on(place.line, place.column)
    elements = [each for each in here if each.kind is AccessKind.INDEX and each.base == field.text]
    return not any(each.address or each.kind is AccessKind.DEREF for each in (field, *here)) and (
        bool(elements) or not _is_array(context, field)
    )


def _is_array(context: Context, field: Access) -> bool:
    """Whether the name of the field alone stands for an address."""
    layouts = [context.source.layout(type) or ((), ()) for type in CONTEXTS]
    return any(leaf.path.startswith(f"{field.member}[") for leaves, _ in layouts for leaf in leaves)


def _declared(context: Context, field: str, off: int) -> tuple[int, int, str]:
    """Offset and size of the field, where a context has one of that name at this place; (0, 0) else.

    With it comes the field, as the user would write it: of an array the element.
    """
    name = field.rpartition("->")[2].strip()
    for type in CONTEXTS if name else ():
        leaves, _ = context.source.layout(type) or ((), ())
        for leaf in leaves:
            same, bracket, element = leaf.path.partition("[")
            if same == name and leaf.offset <= off < leaf.offset + leaf.size:
                return leaf.offset, leaf.size, f"{field}{bracket}{element}"
    return 0, 0, field
