"""What can end a pointer that nothing overwrites: what it points to moves, is released, or is taken away."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.kernel import calls
from bpfdoctor.machine.memory import stack_place
from bpfdoctor.machine.state import State
from bpfdoctor.machine.value import PACKET_POINTERS, of_frame, stack_offset
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.trace import CalleeKind, FrameState, Insn, Op, RegState

DYNPTR_SIZE = 16  # bytes of stack: BPF_DYNPTR_SIZE, kernel/bpf/verifier.c


class Ending(StrEnum):
    """Why what a pointer meant is over."""

    MOVED = "the packet may have moved"
    RELEASED = "the object that it belongs to was released"
    DYNPTR = "the dynptr that its memory belongs to was released, made anew, or overwritten"
    LOAN = "the lock under which a list or tree lent it was released"
    OVERWRITTEN = "the stack slot that it was kept in was written over"
    READ = "a helper read it in the stack slot that it was kept in"
    GIVEN = "a list or tree took the object over, and lends it only"
    RCU = "the RCU read section in which it was good was left"


# After these it is still a pointer, which may be used for less.
LESSENED = (Ending.GIVEN, Ending.RCU)


@dataclass(frozen=True, slots=True)
class Held:
    """A pointer as it was last known (None: no state shows it), and the stack of the dynptr that it is
    memory of: (frame, offset), None where it is no such memory or that is not known.
    """

    pointer: RegState | None
    dynptr: tuple[int, int] | None = None
    is_slice: bool = False


def ending(insn: Insn, held: Held, state: State, number: int, *, is_entered: bool) -> Ending | None:
    """Why the instruction of frame `number` can have ended the pointer; None when it cannot.

    `state` is that before it, `is_entered` says that it calls a function whose instructions are on the path.
    """
    frame = state.get(number, FrameState(number))
    if insn.op in (Op.STORE, Op.ATOMIC):
        return Ending.DYNPTR if held.dynptr and _writes(insn, frame, held.dynptr) else None
    if insn.op is not Op.CALL or is_entered:
        return None
    name = insn.callee or ""
    if _in_packet(held) and _may_move_packet(insn, name, state, frame):
        return Ending.MOVED
    if calls.ends_loans(name) and _may_be_lent(held.pointer):
        return Ending.LOAN
    if held.is_slice and _makes_over(name, frame, held.dynptr):
        return Ending.DYNPTR
    if insn.callee_kind is CalleeKind.SUBPROG:
        return None
    if not calls.is_known(name) or _releases(name, held, frame):
        return Ending.DYNPTR if held.is_slice else Ending.RELEASED
    return None


def lessened(insn: Insn, was: RegState, is_now: RegState) -> Ending | None:
    """Why the pointer may be used for less after the call, though it still is one."""
    name = insn.callee or ""
    if calls.takes_over(name) and was.ref_id is not None and is_now.ref_id is None:
        return Ending.GIVEN
    if calls.ends_rcu(name) and "rcu" in was.flags and "rcu" not in is_now.flags:
        return Ending.RCU
    return None


def _in_packet(held: Held) -> bool:
    return held.pointer is None or held.is_slice or held.pointer.kind in PACKET_POINTERS


def _may_move_packet(insn: Insn, name: str, state: State, frame: FrameState) -> bool:
    """A global function is not walked here: that it moves the packet shows in what is left after it."""
    if calls.writes_packet(name):
        reg = frame.regs.get("r1")
        off = stack_offset(reg)
        owner = state.get(of_frame(reg, frame.frame)) if reg is not None and reg.kind == "fp" else None
        slot = owner.stack.get(off) if owner is not None and off is not None else None
        return slot is None or slot.object is None or "skb" in slot.object
    return calls.moves_packet(name) or insn.callee_kind is CalleeKind.SUBPROG


def _may_be_lent(pointer: RegState | None) -> bool:
    return pointer is None or (pointer.kind == "ptr" and not pointer.flags & {"trusted", "rcu"})


def _makes_over(name: str, frame: FrameState, dynptr: tuple[int, int] | None) -> bool:
    """Whether the call makes a dynptr in the place of this one."""
    reg = frame.regs.get(f"r{calls.makes_dynptr(name)}")
    off = stack_offset(reg)
    if reg is None or off is None or dynptr is None:
        return False
    return of_frame(reg, frame.frame) == dynptr[0] and abs(off - dynptr[1]) < DYNPTR_SIZE


def _writes(insn: Insn, frame: FrameState, dynptr: tuple[int, int]) -> bool:
    place = stack_place(insn, insn.dst, frame.regs, frame.frame)
    if place is None or place[0] != dynptr[0]:
        return False
    return place[1] < dynptr[1] + DYNPTR_SIZE and dynptr[1] < place[1] + (insn.size or 0)


def _releases(name: str, held: Held, frame: FrameState) -> bool:
    """Whether it ends a reference that the pointer may belong to."""
    at = calls.released_argument(name) or int(calls.ends_iterator(name))
    if not at:
        return False
    given, pointer = frame.regs.get(f"r{at}"), held.pointer
    if given is None or pointer is None or given.kind == "fp":
        return pointer is None or held.is_slice or calls.ends_iterator(name)
    ours = {pointer.ref_id, pointer.parent_id} - {None}
    return not ours or given.ref_id in ours or given.ref_id is None
