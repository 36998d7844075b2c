"""The comparisons with NULL on the path, and what they are about when it is not the pointer that is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.chain import values_of
from bpfdoctor.analysis.lib.subjects import ARGUMENTS
from bpfdoctor.model.diagnosis import Loss
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.memory import memory
from bpfdoctor.trace.slice import How, Origin, slice_of

_MOST_TESTS = 8
_TEST = re.compile(r"!?\s*[\w.>\[\]-]+(?:\s*[!=]=\s*(?:NULL|0))?")


@dataclass(frozen=True, slots=True)
class NullTest:
    """A comparison with NULL, why it does not count, and where another pointer came into play."""

    step: Step
    why: Loss
    lost: Step | None = None


def is_null_test(condition: str) -> bool:
    """Whether a part of a C condition only asks for a pointer, or for NULL."""
    return any(_TEST.fullmatch(part.strip(" ()")) for part in re.split(r"&&|\|\|", condition))


def other_test(context: Context, step: Step, register: str) -> NullTest | None:
    """The newest comparison with NULL that the program may take for one of the pointer in `register`."""
    ours = values_of(context, step, register)
    if not ours or ours[-1].how not in (How.CALL, How.LOAD):
        return None
    root, place = ours[-1], memory(context.trace, ours[-1])
    for test in _tests(context):
        others = values_of(context, test, test.insn.dst or "")
        if not others or others[-1].how not in (How.CALL, How.LOAD):
            continue
        other = others[-1]
        if other.step.number == root.step.number:
            return NullTest(test, Loss.OTHER_COPY)
        is_older = other.step.number < root.step.number
        if is_older and place is not None and memory(context.trace, other) == place:
            return NullTest(test, Loss.REREAD, root.step)
        if _is_used(context, test, other):
            continue
        if root.step.number > test.number and _same_call(context, other, root):
            return NullTest(test, Loss.REREAD, root.step)
        if root.how is How.CALL and test.number > root.step.number and _is_of_pointer(context, test):
            return NullTest(test, Loss.WRONG_VALUE)
    return None


def wrong_way(context: Context, step: Step, register: str, variable: str | None) -> Step | None:
    """The comparison with NULL that this path leaves on the side where the pointer is NULL.

    There clang knows the value, and puts a 0 for the `variable`.
    """
    slice_ = slice_of(context.trace, step, register)
    numbers = slice_.numbers
    if variable not in (None, "NULL") and numbers and numbers[-1].how is How.CONSTANT:
        return next((test for test in _tests(context) if _is_null_behind(test)), None)
    for each in slice_.value:
        is_own = each.how is How.REFINED and each.step.insn.imm == 0
        if is_own and each.step.insn.operator in ("==", "!="):
            return each.step if _is_null_behind(each.step) else None
    return None


def _is_null_behind(test: Step) -> bool:
    return test.taken is not None and test.taken == (test.insn.operator == "==")


def _tests(context: Context) -> Iterator[Step]:
    """The comparisons with NULL, or with 0, newest first."""
    seen: set[int] = set()
    for step in islice(context.trace.steps(), 1, Budget.COMPARISONS):
        insn = step.insn
        if insn.op is not Op.BRANCH or insn.imm != 0 or insn.operator not in ("==", "!="):
            continue
        if insn.index not in seen and not context.source.is_put_in(step):
            seen.add(insn.index)  # in a loop the last round is the one that counts
            yield step
            if len(seen) >= _MOST_TESTS:
                return


def _is_of_pointer(context: Context, test: Step) -> bool:
    """Whether a pointer is compared; 5.10 prints that after the branch only, where NULL is a number."""
    states = (*context.trace.state_before(test), *context.trace.state_after(test))
    regs = (frame.regs.get(test.insn.dst or "") for frame in states if frame.frame == test.frame)
    return any(reg is not None and reg.kind != "scalar" for reg in regs)


def _is_used(context: Context, test: Step, other: Origin) -> bool:
    """Whether the pointer that was compared is followed, or passed on, after the comparison.

    A comparison that is far away is taken for one that has done its work.
    """
    if -test.number > Budget.NEAR:
        return True
    for step in islice(context.trace.steps(), 0, -test.number - 1):
        insn = step.insn
        names = ARGUMENTS if insn.op is Op.CALL else (insn.base,) if insn.base else ()
        for name in names:
            made = slice_of(context.trace, step, name).value
            if any((each.step.number, each.how) == (other.step.number, other.how) for each in made):
                return True
    return False


def _same_call(context: Context, first: Origin, second: Origin) -> bool:
    """Whether both come from the same helper with the same map."""
    if first.how is not How.CALL or second.how is not How.CALL:
        return False
    if first.step.insn.callee != second.step.insn.callee:
        return False
    maps = [list(_constants(context, call.step)) for call in (first, second)]
    return bool(maps[0]) and maps[0] == maps[1]


def _constants(context: Context, call: Step) -> Iterator[str]:
    """The constants that the call's first argument is made of: the address of a map."""
    for each in slice_of(context.trace, call, "r1").numbers:
        if each.how is How.CONSTANT:
            yield each.step.insn.text.partition("=")[2]
