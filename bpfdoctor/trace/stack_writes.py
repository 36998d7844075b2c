"""Which instructions can write some bytes of the stack where no fixed place says so."""

from __future__ import annotations

from typing import NamedTuple

from bpfdoctor.machine.helper_memory import filled, only_reads, written_through
from bpfdoctor.machine.memory import reach
from bpfdoctor.machine.value import of_frame
from bpfdoctor.model.trace import FrameState, Insn


class StackBytes(NamedTuple):
    """`size` bytes at fp+start of a frame."""

    frame: int
    start: int
    size: int


def may_hit(insn: Insn, running: FrameState, wanted: StackBytes) -> bool:
    """Whether a store to a place of the stack that is not fixed can be one to the bytes."""
    base = running.regs.get(insn.dst or "")
    if base is None or base.kind != "fp" or of_frame(base, running.frame) != wanted.frame:
        return False
    where = reach(insn, base)
    return where is not None and where[0] < wanted.start + wanted.size and wanted.start < where[1]


def call_writes(callee: str, running: FrameState, wanted: StackBytes) -> bool | None:
    """Whether a helper wrote the bytes. None: it got their address, and not how many it may write."""
    known = filled(callee, running.regs)
    pointed = []
    for name in written_through(callee) if known is None else (known[0],):
        reg = running.regs.get(name)
        if (
            reg is not None
            and reg.off is not None
            and reg.kind == "fp"
            and of_frame(reg, running.frame) == wanted.frame
        ):
            pointed.append(reg.off)
    if only_reads(callee) or not any(start < wanted.start + wanted.size for start in pointed):
        return False
    if known is None:
        return None
    size = known[1]
    return size is None or any(wanted.start < start + size for start in pointed)
