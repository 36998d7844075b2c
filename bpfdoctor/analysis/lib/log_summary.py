"""Facts recoverable from a truncated log: the refused instruction, and what the lines right before it say.

Rules rank the usual causes of a message by it, where nothing shows the cause itself.
"""

from __future__ import annotations

import re
from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.pointer_sum import number_in
from bpfdoctor.analysis.lib.subjects import named, register_in
from bpfdoctor.machine.state import CALLER_SAVED
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.budget import Budget

_MASK = re.compile(r"[\w)\]]\s*&\s*(?:\(\s*)?(?:0x[0-9a-fA-F]+|\d+|[A-Z_]\w*)")
_SCALES = ("<<=", ">>=", "s>>=")  # by a constant: an index becomes an offset, 32 bits become 64


@dataclass(frozen=True, slots=True)
class LogSummary:
    """ "" where the log does not tell.

    `op` is what the refused instruction does (load, store, alu, call …). `made` says how the register that
    the message names got its value: call (the result of `call`), load, fill (read back from
    the stack), constant, copy or sum; `emptied` is the call that took the value away. `program_type` is xdp,
    kprobe …. `masks` is "yes" where the source line of the refused instruction has `& constant`, `callee` is
    "kfunc" or "helper" where it calls one.
    """

    op: str = ""
    made: str = ""
    call: str = ""
    emptied: str = ""
    program_type: str = ""
    masks: str = ""
    callee: str = ""


def shown(context: Context) -> LogSummary:
    """What the log's last lines show of the finding."""
    step = context.step
    register = named(context) or register_in(context.captures.get("reg")) or ""
    kind = context.raw.program.type if context.raw.program else context.transcript.program_type
    if step is None:
        return LogSummary(program_type=kind or "")
    if not register and step.insn.op is Op.ALU and step.insn.src:
        register = number_in(context, step)
    made, call, emptied = _made(context, step, register)
    return LogSummary(
        op=step.insn.op.value,
        made=made,
        call=call,
        emptied=emptied,
        program_type=kind or "",
        callee=step.insn.callee_kind.value if step.insn.callee_kind is not None else "",
        masks="yes" if _MASK.search(context.source.comment(step) or "") else "",
    )


def _made(context: Context, refused: Step, register: str) -> tuple[str, str, str]:
    """How the register got its value, from which call, and which call took it away."""
    trace = context.trace
    for step in islice(trace.steps(), 1, Budget.WALK):
        if step.frame != refused.frame or trace.is_hidden(-1 - step.number):
            break
        insn = step.insn
        if insn.op is Op.CALL and register in CALLER_SAVED:
            name = insn.callee or ""
            return ("call", name, "") if register == "r0" else ("", "", name)
        if insn.op is Op.ALU and insn.operator in _SCALES and insn.src is None:
            continue
        if insn.written == register:
            return _how(step), "", ""
    return "", "", ""


def _how(step: Step) -> str:
    insn = step.insn
    if insn.op is Op.LOAD:
        return "fill" if insn.src == "r10" else "load"
    if insn.op is Op.MOVE:
        return "copy" if insn.src else "constant"
    return "sum" if insn.op is Op.ALU else ""
