"""The comparisons on the path that are about the packet: with its end, or of its length."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.bound_on_other_value import comparisons
from bpfdoctor.analysis.lib.chain import Chain, calls_since, chain_of, values_of
from bpfdoctor.analysis.lib.pointer_sum import number_in
from bpfdoctor.kernel import calls
from bpfdoctor.machine.endings import Ending
from bpfdoctor.model.trace import Holder, Op, RegState, Step
from bpfdoctor.source.conditions import tests_order
from bpfdoctor.trace.budget import Budget
from bpfdoctor.trace.memory import memory
from bpfdoctor.trace.slice import Check, How, Origin, checks, slice_of

_NEAR = 12  # steps
_MOST_BRANCHES = 10  # comparisons looked at closely
_POINTERS = ("pkt", "pkt_meta")
_DIFFERENCE = re.compile(r"\b\w*end\s*-\s*\w")
_END = re.compile(r"\bdata_end\b")
_LENGTH = re.compile(r"->\s*len\b")


def with_end(context: Context) -> Iterator[tuple[Step, str]]:
    """The comparisons of a packet pointer with the packet's end, newest first, and the pointer's register."""
    seen: set[int] = set()
    for step in islice(context.trace.steps(), 1, Budget.OBJECT):
        if step.insn.op is not Op.BRANCH or not step.insn.src or not step.insn.dst or step.insn.index in seen:
            continue
        kinds = _kinds(context, step)
        pointer = next((name for name, kind in kinds.items() if kind in _POINTERS), None)
        if pointer is not None and "pkt_end" in kinds.values():
            seen.add(step.insn.index)  # in a loop the last round is the one that counts
            yield step, pointer
            if len(seen) >= _MOST_BRANCHES:
                return


def _kinds(context: Context, branch: Step) -> dict[str, str]:
    """What the two registers hold; 5.10 prints that after the branch only."""
    frames = (*context.trace.state_after(branch), *context.trace.state_before(branch))
    names = (branch.insn.dst, branch.insn.src)
    return {
        name: frame.regs[name].kind
        for frame in frames
        if frame.frame == branch.frame
        for name in names
        if name is not None and name in frame.regs
    }


def compared(context: Context, step: Step, register: str) -> Check | None:
    """The newest comparison of this pointer, or another into the same place, with the packet's end."""
    for check in checks(context.trace, step, register):
        kinds = _kinds(context, check.step)
        if "pkt_end" in kinds.values() or not kinds:
            return check
    return None


def with_old_end(context: Context, step: Step, register: str) -> tuple[Step, Step, str] | None:
    """A comparison of this pointer with what was the packet's end once: it, the call that moved the packet
    after the end was read, and the register of the old end.
    """
    for check in checks(context.trace, step, register):
        names = [name for name in (check.step.insn.dst, check.step.insn.src) if name is not None]
        for name, kind in _kinds(context, check.step).items():
            if kind != "scalar" or name not in names:
                continue
            chain = chain_of(context, check.step, name)
            moved = (
                chain.invalidated
                if chain.ending is Ending.MOVED
                else _moved_since(context, check.step, chain)
            )
            if moved is not None:
                return check.step, moved, name
    return None


def _moved_since(context: Context, check: Step, chain: Chain) -> Step | None:
    """The call that moved the packet after a field of the context was read, which is a number at the check.

    Up to 5.16 no state shows that the field was the packet's end.
    """
    read = chain.root if chain.root_how is How.LOAD else None
    if read is None or read.insn.src is None or not _END.search(context.source.comment(read) or ""):
        return None
    moved = (each for each in calls_since(context, check, read) if calls.moves_packet(each.insn.callee or ""))
    return next(moved, None)


def end_of(context: Context, check: Step | None) -> str | None:
    """What the user calls the packet's end in that comparison."""
    kinds = _kinds(context, check) if check is not None else {}
    ends = [name for name, kind in kinds.items() if kind == "pkt_end"]
    return context.called(ends[0], check) if ends else None


def sum_in(context: Context, step: Step, register: str, state: RegState | None) -> Step | None:
    """The addition of a number known at run time only that gave the pointer its identity."""
    if state is not None and state.id is None:
        return None
    for found in slice_of(context.trace, step, register).value:
        if found.how is not How.ARITHMETIC or len(found.sources) < 2:
            continue
        after = {frame.frame: frame for frame in context.trace.state_after(found.step)}.get(found.frame)
        made = after.at(found.place) if after else None
        if state is None or made is None or (made.kind == state.kind and made.id == state.id):
            return found.step
    return None


def twin(context: Context, moved: Step) -> Step | None:
    """A comparison with the packet's end of another pointer to which the same number was added."""
    number = _added(context, moved)
    if number is None:
        return None
    for step, name in with_end(context):
        frame = context.frame_before(step)
        other = sum_in(context, step, name, frame.regs.get(name) if frame else None)
        if other is not None and other != moved and _added(context, other) == number:
            return step
    return None


def of_another_sum(context: Context, moved: Step) -> Step | None:
    """The newest comparison, when it is of another sum that the program then makes no use of."""
    check, name = next(with_end(context), (None, ""))
    frame = context.frame_before(check) if check is not None else None
    other = sum_in(context, check, name, frame.regs.get(name) if frame else None) if check else None
    if check is None or other is None or other == moved or -check.number > Budget.NEAR:
        return None
    for step in islice(context.trace.steps(), 1, -check.number - 1):
        base = step.insn.base
        if step.insn.op in (Op.LOAD, Op.STORE) and base is not None:
            made = slice_of(context.trace, step, base).value
            if any(each.step == other for each in made):
                return None
    return check


def _added(context: Context, moved: Step) -> tuple[int, Holder] | None:
    """Where the number that the addition adds was made: (step number, place)."""
    found = slice_of(context.trace, moved, number_in(context, moved)).numbers
    made = next((each for each in found if each.how not in (How.COPY, How.REFINED)), None)
    return (made.step.number, made.place) if made else None


def earlier_read(context: Context, step: Step, register: str) -> tuple[Step, Step] | None:
    """A comparison of what the same field of the context held before, and the load that read it again."""
    chain = values_of(context, step, register)
    place = memory(context.trace, chain[-1]) if chain and chain[-1].how is How.LOAD else None
    if place is None:
        return None
    again = chain[-1].step
    for check, name in with_end(context):
        others = values_of(context, check, name)
        if others and others[-1].step.number < again.number and memory(context.trace, others[-1]) == place:
            return check, again
    return None


def of_length(context: Context) -> Step | None:
    """A comparison of the packet's length as a number: `data_end - data`, `skb->len`.

    For equality, too, where the rest of the packet is compared: so clang counts the rounds of a loop.
    """
    if context.step is None:
        return None
    for step in comparisons(context, context.step):
        for name in (step.insn.dst, step.insn.src):
            lengths = [
                each
                for each in slice_of(context.trace, step, name or "").value
                if name is not None and _is_length(context, each)
            ]
            if lengths and (tests_order(step.insn) or lengths[0].how is How.ARITHMETIC):
                return step
    return None


def _kinds_later(context: Context, step: Step, names: Sequence[str]) -> list[str]:
    """What registers hold at a step of a cut log, by a later state, as far as nothing wrote them."""
    written: set[str | None] = set()
    later: Step | None = step
    for _ in range(_NEAR):
        if later is None or later.frame != step.frame or later.insn.op is Op.CALL:
            break
        written.add(later.insn.written)
        frames = context.trace.state_after(later)
        regs = next((each.regs for each in frames if each.frame == step.frame), {})
        if kinds := [regs[name].kind for name in names if name in regs and name not in written]:
            return kinds
        later = context.trace.newer(later)
    return []


def _is_length(context: Context, each: Origin) -> bool:
    """Whether the step takes two packet pointers apart, or reads a field called `len` of the context."""
    frame = context.frame_before(each.step)
    regs = frame.regs if frame else {}
    if each.how is How.ARITHMETIC and each.step.insn.operator == "-=" and len(each.sources) > 1:
        names = [name for name in each.sources if isinstance(name, str)]
        kinds = [regs[name].kind for name in names if name in regs] or _kinds_later(context, each.step, names)
        is_told = any(kind in (*_POINTERS, "pkt_end") for kind in kinds)
        return is_told or _DIFFERENCE.search(context.source.comment(each.step) or "") is not None
    if each.how is not How.LOAD or each.step.insn.src is None:
        return False
    base = regs.get(each.step.insn.src)
    is_field = _LENGTH.search(context.source.comment(each.step) or "") is not None
    return base is not None and base.kind == "ctx" and is_field
