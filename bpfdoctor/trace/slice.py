"""Where a value came from: a backward slice along the failing path, through moves, spills and calls."""

from __future__ import annotations

from bpfdoctor.model.trace import StackPlace, Step
from bpfdoctor.trace.back import Back, Want
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.origins import AddressOrigin, Check, How, Origin, Relation, Role, Slice, chain_in_words
from bpfdoctor.trace.path import Trace

__all__ = [
    "AddressOrigin",
    "Check",
    "How",
    "Origin",
    "Relation",
    "Role",
    "Slice",
    "chain_in_words",
    "checks",
    "slice_of",
    "slice_of_slot",
]


def slice_of(trace: Trace, step: Step, register: str, limit: int = Budget.PATH) -> Slice:
    """The steps that made the value of `register` before `step`."""
    return Slice(tuple(Back(trace, step, limit).run(Want(step.frame, register))))


def slice_of_slot(trace: Trace, step: Step, offset: int, size: int = 8, limit: int = Budget.PATH) -> Slice:
    """The steps that made the `size` bytes at fp+offset before `step`."""
    return Slice(tuple(Back(trace, step, limit).run(Want(step.frame, StackPlace(offset), size))))


def checks(trace: Trace, step: Step, register: str, limit: int = Budget.PATH) -> tuple[Check, ...]:
    """The branches on the path that compared the value of `register` before `step`, newest first."""
    found = []
    for each in slice_of(trace, step, register, limit).value:
        insn = each.step.insn
        if each.how is not How.REFINED or each.relation is None:
            continue
        left, right = insn.dst or "", insn.src if insn.imm is None else insn.imm
        found.append(Check(each.step, left, insn.operator or "", right or 0, each.step.taken, each.relation))
    return tuple(found)
