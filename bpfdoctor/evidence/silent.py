"""What was refused without a word, as far as the last instruction shows it."""

from __future__ import annotations

import errno

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts, Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent(Facts):
    """`kernel_store`: the last instruction writes to a structure of the kernel, through `register`."""

    kernel_store: bool
    register: str


def collect(context: Context) -> Silent | None:
    """None where the log is not whole, or its last instruction tells nothing.

    Up to 6.18 the program type's own btf_struct_access() refuses such a write with EACCES and prints nothing
    where nobody registered a writable structure: tc_cls_act_btf_struct_access(), net/core/filter.c.
    """
    step, block = context.step, context.finding.block
    if step is None or block.lines or context.transcript.stats.processed is None:
        return None
    if step.insn.op not in (Op.STORE, Op.ATOMIC) or block.errno not in (None, errno.EACCES):
        return None
    state = context.register(step.insn.dst)
    if state is None or state.kind != "ptr" or state.nullable or {"alloc", "untrusted"} & state.flags:
        return None
    assert step.insn.dst is not None  # its state was found
    return Silent(
        kernel_store=True,
        register=step.insn.dst,
        cause=step,
        why=Loss.NEVER,
        registers=(step.insn.dst,),
    )
