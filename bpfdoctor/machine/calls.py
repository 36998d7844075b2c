"""What a call to a helper or kfunc takes away, and what it writes, as far as its name says."""

from __future__ import annotations

from collections.abc import Collection

from bpfdoctor.kernel import calls
from bpfdoctor.machine.helper_memory import filled, only_reads, written_through
from bpfdoctor.machine.memory import overwritten
from bpfdoctor.machine.state import INCOMPLETE, State, everywhere, without_stack
from bpfdoctor.machine.value import PACKET_POINTERS, of_frame, stack_offset
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import CalleeKind, FrameState, Insn, RegState, StackSlot

_LENT = ("non_own_ref", "")  # what a list or a tree owns, and lends until the lock is left


def called(state: State, insn: Insn, before: FrameState) -> State:
    """What a call takes away in all frames. `before` is the calling frame before the call.

    Since 5.17 only registers and slots that an instruction touched are printed. The verifier also forgets
    packet pointers when a helper may move the packet, and everything that belongs to a released reference.
    """
    name = insn.callee or ""
    released_argument = calls.released_argument(name)
    given = before.regs.get(f"r{released_argument}")
    if released_argument and given is not None and (gone := _references(state, before, given)):
        return released(state, gone)
    if calls.takes_over(name) and (node := before.regs.get("r2")) is not None and node.ref_id is not None:
        return everywhere(state, lambda reg: _lent(reg) if reg.ref_id == node.ref_id else reg)
    if calls.moves_packet(name) or (insn.callee_kind is CalleeKind.SUBPROG):
        return everywhere(state, lambda reg: None if reg.kind in PACKET_POINTERS else reg)
    if calls.ends_rcu(name):
        return everywhere(state, _without_rcu)
    if calls.ends_loans(name):
        return everywhere(state, lambda reg: None if _LENT in reg.attributes else reg)
    return state


def _references(state: State, before: FrameState, given: RegState) -> set[int]:
    """The reference that a register holds, or the dynptr or iterator on the stack that it points to."""
    if given.kind != "fp":
        return {given.ref_id} if given.ref_id is not None else set()
    frame, off = state.get(of_frame(given, before.frame)), stack_offset(given)
    slot = frame.stack.get(off) if frame is not None and off is not None else None
    known = dict(slot.attributes) if slot is not None and slot.object is not None else {}
    number = known.get("ref_id") or known.get("parent_id") or ""
    return {int(number)} if number.isdigit() else set()


def _lent(reg: RegState) -> RegState:
    return replace(reg, ref_id=None, attributes=(*reg.attributes, _LENT))


def _without_rcu(reg: RegState) -> RegState:
    if "rcu" not in reg.flags:
        return reg
    return replace(reg, flags=reg.flags - {"rcu"} | {"untrusted"}, nullable=False)


def released(state: State, gone: Collection[int]) -> State:
    """What held a released reference is no longer usable: registers, dynptrs, iterators, and theirs."""

    gone = {*gone, *_children(state, gone)}
    numbers = set(map(str, gone))

    def held(reg: RegState) -> bool:
        return reg.ref_id in gone or reg.parent_id in gone

    def object_held(slot: StackSlot) -> bool:
        return slot.object is not None and any(
            key in ("id", "ref_id", "parent_id") and value in numbers for key, value in slot.attributes
        )

    state = {
        number: replace(
            frame, stack={off: slot for off, slot in frame.stack.items() if not object_held(slot)}
        )
        for number, frame in state.items()
    }
    return everywhere(state, lambda reg: None if held(reg) else reg)


def _children(state: State, gone: Collection[int]) -> set[int]:
    """The objects whose parents, or theirs, are gone: since 7.2 each names its own."""
    parents: dict[int, int] = {}
    for frame in state.values():
        for slot in frame.stack.values():
            known = dict(slot.attributes) if slot.object is not None else {}
            number, parent = known.get("id", ""), known.get("parent_id", "")
            if number.isdigit() and parent.isdigit():
                parents[int(number)] = int(parent)
        spilled = (slot.reg for slot in frame.stack.values() if slot.reg is not None)
        for reg in (*frame.regs.values(), *spilled):
            if reg.parent_id is not None and reg.id is not None:
                parents[reg.id.number] = reg.parent_id
    found: set[int] = set()
    while more := {each for each, parent in parents.items() if parent in gone or parent in found} - found:
        found |= more
    return found


def written_by(state: State, number: int, callee: str) -> State:
    """What a call from frame `number` does to the stack bytes it gets pointers to.

    It fills them, only reads them, or who knows.
    """
    if only_reads(callee):
        return state
    regs = state[number].regs if number in state else {}
    known = filled(callee, regs)
    for name in written_through(callee) if known is None else (known[0],):
        reg = regs.get(name)
        if reg is None or reg.kind != "fp" or (owner := of_frame(reg, number)) not in state:
            continue
        size = known[1] if known is not None else None
        frame, off = state[owner], stack_offset(reg)
        if off is None:
            new = without_stack(frame)
        elif size is not None and 0 < size <= -off:
            new = replace(frame, stack=overwritten(frame.stack, off, size, "m"))
        else:  # from there upwards anything may have changed
            below = {at: slot for at, slot in frame.stack.items() if at + 8 <= off}
            new = replace(frame, stack=below, flags=frame.flags | {INCOMPLETE})
        state = {**state, owner: new}
    return state


def may_write_unseen(state: State, number: int, callee: str) -> bool:
    """Whether it writes through a register of which nothing is known: that may point to the stack."""
    regs = state[number].regs if number in state else {}
    return not only_reads(callee) and any(name not in regs for name in written_through(callee))
