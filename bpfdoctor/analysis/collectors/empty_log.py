"""What was refused without a word, as far as the last instruction shows it."""

from __future__ import annotations

from bpfdoctor import linux_errno as errno
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Stage
from bpfdoctor.model.trace import Op


class Outcome(Outcomes):
    KERNEL_STORE = "the last instruction writes to a structure of the kernel"
    CUT_OFF = "there is no message, and the last instruction does not show what was wrong"
    NO_STEPS = "there is neither a message nor an instruction"
    NOTHING_SAID = "kernel and loader were asked here, and said nothing of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent(Facts):
    """`last` is the number of the last instruction, 0 where there is none."""

    last: int


FACTS = Silent


def collect(context: Context) -> Found | NotShown:
    if context.finding.block.lines:
        return NotShown("no rule knows the message")
    step, store = context.step, _kernel_store(context)
    if step is not None and store is not None:
        facts = Silent(last=step.insn.index, cause=step, why=Loss.NEVER, registers=(store,))
        return Found(Outcome.KERNEL_STORE, facts)
    last = step.insn.index if step is not None else context.reported
    if context.raw.stage is not Stage.PASTE:
        return Found(Outcome.NOTHING_SAID, Silent(last=last or 0))
    return Found(Outcome.NO_STEPS if last is None else Outcome.CUT_OFF, Silent(last=last or 0))


def _kernel_store(context: Context) -> str | None:
    """The register that a refused write to a structure of the kernel went through, in a log that is whole.

    Up to 6.18 the program type's own btf_struct_access() refuses such a write with EACCES and prints nothing
    where nobody registered a writable structure: tc_cls_act_btf_struct_access(), net/core/filter.c.
    """
    step, block = context.step, context.finding.block
    if step is None or context.transcript.stats.processed is None:
        return None
    if step.insn.op not in (Op.STORE, Op.ATOMIC) or block.errno not in (None, errno.EACCES):
        return None
    state = context.register(step.insn.dst)
    if state is None or state.kind != "ptr" or state.nullable or {"alloc", "untrusted"} & state.flags:
        return None
    return step.insn.dst
