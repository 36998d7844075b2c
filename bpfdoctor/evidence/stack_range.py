"""Which number moves a pointer into the stack, or an access there, past the end of the buffer."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.evidence.limit import limit
from bpfdoctor.evidence.other_number import Limit
from bpfdoctor.evidence.pointer_sum import added
from bpfdoctor.evidence.subjects import named
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRange(Facts):
    """`added` is where the number `index` is added to the pointer in `register`; None: the offset is fixed.

    `check` compared the number, or limited it; `lost` is where that stopped to count, `elsewhere` is a
    comparison in the source that is not on this path.
    """

    register: str
    index: str | None
    added: Step | None
    check: Step | None
    lost: Step | None
    elsewhere: Place | None


def collect(context: Context) -> StackRange | None:
    """None when no message and no instruction says which register points there."""
    step = context.step
    register = named(context) or (step.insn.base if step else None)
    if step is None or register is None:
        return None
    at, number = added(context, step, register) or (None, None)
    known = limit(context, at, number) if at is not None and number is not None else Limit(why=Loss.TOO_SMALL)
    return StackRange(
        register=register,
        index=context.called(number, at) if at is not None else None,
        added=at,
        check=known.check,
        lost=known.apart,
        elsewhere=known.elsewhere,
        cause=known.cause or step,
        why=known.why,
        layer=known.layer,
        registers=(register,),
    )
