"""Which memory a load read from, so that two reads of the same place can be told."""

from __future__ import annotations

from typing import NamedTuple

from bpfdoctor.model.trace import Op
from bpfdoctor.trace.origins import How, Origin
from bpfdoctor.trace.path import Trace
from bpfdoctor.trace.slice import slice_of

_DEEPEST = 4  # loads through pointers that were loaded themselves
_PASSED_ON = (How.COPY, How.FILL, How.SPILL, How.ARGUMENT, How.RETURNED)


class Memory(NamedTuple):
    """`offset` bytes after what `base` gave: a call, an entry, or another place in memory."""

    base: object
    offset: int
    size: int


def memory(trace: Trace, load: Origin, depth: int = _DEEPEST) -> Memory | None:
    """The place that a load read; None when it is no load, or its address is not a fixed one."""
    insn = load.step.insn
    if load.how is not How.LOAD or insn.op is not Op.LOAD or insn.src is None or depth == 0:
        return None
    offset = insn.off or 0
    for each in slice_of(trace, load.step, insn.src).value:
        if each.how in (*_PASSED_ON, How.REFINED):
            continue
        if each.how is How.ARITHMETIC:
            if each.step.insn.imm is None or each.step.insn.operator not in ("+=", "-="):
                return None
            offset += each.step.insn.imm if each.step.insn.operator == "+=" else -each.step.insn.imm
        elif each.how in (How.CALL, How.ENTRY, How.CALLBACK):
            number = 0 if each.how is How.ENTRY else each.step.number
            return Memory((number, each.place), offset, insn.size or 8)
        elif each.how is How.LOAD and (base := memory(trace, each, depth - 1)) is not None:
            return Memory(base, offset, insn.size or 8)
        elif each.how is How.CONSTANT:  # the address of a map's value
            return Memory(each.step.insn.text.split("=", 1)[-1], offset, insn.size or 8)
        else:
            return None
    return None
