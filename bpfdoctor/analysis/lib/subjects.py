"""Which registers of the refused instruction a finding is about."""

from __future__ import annotations

from bpfdoctor.analysis.context import Context
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.trace import Op

ARGUMENTS = ("r1", "r2", "r3", "r4", "r5")


def register_in(name: object) -> str | None:
    """ "r1" for "r1", "R1" and for "arg#0" (the kernel counts arg# from 0); None for anything else."""
    if not isinstance(name, str):
        return None
    digits = name.lstrip("abcdefghijklmnopqrstuvwxyzR# ")
    if not digits.isdigit() or len(digits) > 2:
        return None
    number = int(digits) + name.startswith("arg")
    return f"r{number}" if number <= 11 else None


def named(context: Context) -> str | None:
    """The register that the message names, if it names one."""
    m, step = context.captures, context.step
    for key in ("reg", "arg"):
        if (register := register_in(m.get(key))) is not None:
            return register
    number = next((m[key] for key in ("arg", "number", "argument") if isinstance(m.get(key), int)), None)
    if number is None or step is None or step.insn.op is not Op.CALL:
        return None
    # "arg#0" and "arg #0" are R1; "arg 1 is an unacquired reference" is R1 too.
    counts_from_0 = any(word in line for line in context.finding.block.lines for word in ("arg#", "arg #"))
    at = number if counts_from_0 else number - 1
    return ARGUMENTS[at] if 0 <= at < len(ARGUMENTS) else None


def subjects(context: Context, facts: Facts | None) -> tuple[str, ...]:
    """What the facts or the message name; else the registers that the refused instruction reads."""
    if facts is not None and facts.registers:
        return facts.registers
    step = context.step
    if (register := named(context)) is not None:
        return (register,)
    if step is None:
        return ()
    if step.insn.op is Op.EXIT:
        return ("r0",)
    if step.insn.op is not Op.CALL:
        return tuple(name for name in dict.fromkeys((step.insn.src, step.insn.dst)) if name)
    frame = context.frame_before(step)
    return tuple(name for name in ARGUMENTS if frame and name in frame.regs)
