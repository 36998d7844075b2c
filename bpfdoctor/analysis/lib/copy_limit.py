"""What the comparison of one copy of a number says of another copy: the limits that the source gives it."""

from __future__ import annotations

from collections.abc import Sequence

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import held
from bpfdoctor.kernel.comparisons import NEGATED, swapped
from bpfdoctor.machine.number import Bounds, bounds, bounds32
from bpfdoctor.model.trace import Holder, Op, Step
from bpfdoctor.trace.slice import How, Origin

_UP, _DOWN = ("<<=", "*="), (">>=", "s>>=")
_LARGEST_SHIFT = 63


def of_used(
    context: Context, check: Step, place: Holder, compared: Sequence[Origin], used: Sequence[Origin]
) -> tuple[int, int] | None:
    """The least and the most that the used copy is after `check`; None where that cannot be worked out.

    `place` is what was compared; `compared` and `used` are what was done to each copy since they were one,
    newest first.
    """
    limits: tuple[int, int] | None = _after(context, check, place)
    for each in compared:
        limits = _undone(each, limits) if limits is not None else None
    return after(limits, used) if limits is not None else None


def after(limits: tuple[int, int], steps: Sequence[Origin]) -> tuple[int, int] | None:
    """The least and the most of a number after `steps`, newest first; None: not known."""
    known: tuple[int, int] | None = limits
    for each in reversed(steps):
        known = _done(each, known) if known is not None else None
    return known


def _after(context: Context, check: Step, place: Holder) -> tuple[int, int] | None:
    """What a comparison leaves of what it compares, as the numbers that it takes them for."""
    limits_of = bounds32 if check.insn.width == 32 else bounds
    newer = context.trace.newer(check)
    state = held(context, newer, check.frame, place) if newer is not None else None
    if state is not None and state.kind == "scalar":
        return _as_compared(check, limits_of(state))
    # Where nothing reads it any more, Linux 7.3 prints it no more.
    insn = check.insn
    other = insn.src if place == insn.dst else insn.dst
    before = held(context, check, check.frame, place)
    constant = held(context, check, check.frame, other) if other is not None else None
    by = insn.imm if insn.imm is not None else constant.value if constant is not None else None
    if before is None or before.kind != "scalar" or by is None or check.taken is None:
        return None
    least, most = _as_compared(check, limits_of(before))
    operator = insn.operator or ""
    operator = operator if place == insn.dst else swapped(operator)
    match (operator if check.taken else NEGATED.get(operator, "")).removeprefix("s"):
        case "<":
            return least, min(most, by - 1)
        case "<=":
            return least, min(most, by)
        case ">":
            return max(least, by + 1), most
        case ">=":
            return max(least, by), most
    return None


def _as_compared(check: Step, known: Bounds) -> tuple[int, int]:
    is_signed = (check.insn.operator or "").startswith("s")
    return (known.smin, known.smax) if is_signed else (known.umin, known.umax)


def _undone(each: Origin, limits: tuple[int, int]) -> tuple[int, int] | None:
    """What the number was before the step."""
    insn, (least, most) = each.step.insn, limits
    if each.how is not How.ARITHMETIC:
        return limits
    by = insn.imm
    if by is None:
        return None
    match insn.operator:
        case "+=":
            return least - by, most - by
        case "-=":
            return least + by, most + by
        case "<<=" if 0 <= by <= _LARGEST_SHIFT:
            return least >> by, most >> by
        case ">>=" | "s>>=" if 0 <= by <= _LARGEST_SHIFT:
            return least << by, (most << by) + (1 << by) - 1
        case "&=" if least >= 0 and most <= by and by & (by + 1) == 0:
            return limits  # all the type's bits
    return None


def _done(each: Origin, limits: tuple[int, int]) -> tuple[int, int] | None:
    """What the step makes of the number."""
    insn, (least, most) = each.step.insn, limits
    if each.how is not How.ARITHMETIC:
        return limits
    by = insn.imm
    if by is None:
        return None
    if insn.operator in ("+=", "-="):
        by = by if insn.operator == "+=" else -by
        return least + by, most + by
    if insn.operator in _UP and 0 <= by <= _LARGEST_SHIFT:
        factor = by if insn.operator == "*=" else 1 << by
        return least * factor, most * factor
    if insn.operator in _DOWN and 0 <= by <= _LARGEST_SHIFT:
        return least >> by, most >> by
    if insn.operator == "&=" and by >= 0:
        return limits if least >= 0 and most <= by and by & (by + 1) == 0 else (0, by)
    return None


def fits(context: Context, limits: tuple[int, int] | None, room: int | None) -> bool | None:
    """Whether an access at these offsets, or a length between them, stays in the memory; None: not known."""
    step = context.step
    if limits is None or room is None or step is None:
        return None
    insn, (least, most) = step.insn, limits
    if insn.op in (Op.LOAD, Op.STORE, Op.ATOMIC):
        least, most = least + (insn.off or 0), most + (insn.off or 0) + (insn.size or 1)
    if insn.op is Op.ALU and least < 0:  # what is added after it may make up for that
        return None if most <= room and least >= -room else False
    return least >= 0 and most <= room
