"""What is known of all frames at one point of a path, and what happens to whole frames."""

from __future__ import annotations

from collections.abc import Callable, Collection

from bpfdoctor.machine.value import frame_pointer
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import CalleeKind, FrameState, Insn, RegState, StackSlot

State = dict[int, FrameState]  # frame number -> what is known of it; never changed in place

# The flag of a frame of which something is not known: a register or slot that is absent may be there.
INCOMPLETE = "incomplete"
CALLER_SAVED = ("r0", "r1", "r2", "r3", "r4", "r5")

Change = Callable[[RegState], RegState | None]


def everywhere(state: State, change: Change) -> State:
    """The state with `change` made to every register and spilled register; None forgets it."""
    return {number: _in_frame(frame, change) for number, frame in state.items()}


def _in_frame(frame: FrameState, change: Change) -> FrameState:
    regs = {name: new for name, reg in frame.regs.items() if (new := change(reg)) is not None}
    stack: dict[int, StackSlot] = {}
    for off, slot in frame.stack.items():
        if slot.reg is None or (new := change(slot.reg)) is slot.reg:
            stack[off] = slot
        elif new is not None:
            stack[off] = replace(slot, reg=new)
        else:
            stack[off] = StackSlot(off, "m" * 8)  # the bytes stay, what they mean is gone
    return replace(frame, regs=regs, stack=stack)


def empty(number: int) -> FrameState:
    """A frame at its beginning."""
    return FrameState(number, {"r10": frame_pointer()})


def entered(state: State, number: int, call: Insn) -> State:
    """The state at the beginning of the subprogram or callback that runs as frame `number`."""
    caller = state.get(number - 1, empty(number - 1))
    callee = empty(number)
    if call.callee_kind is CalleeKind.SUBPROG:  # a callback gets what the helper gives it
        passed = {name: reg for name, reg in caller.regs.items() if name in CALLER_SAVED[1:]}
        callee = replace(callee, regs={**callee.regs, **passed})
    return {**state, number - 1: without(caller, CALLER_SAVED), number: callee}


def left(state: State, number: int) -> State:
    """The state after a return to frame `number`."""
    r0 = state[number + 1].regs.get("r0") if number + 1 in state else None
    state = {each: frame for each, frame in state.items() if each <= number}
    if r0 is not None and number in state:
        state[number] = with_register(state[number], "r0", r0)
    return state


def without(frame: FrameState, names: Collection[str]) -> FrameState:
    return replace(frame, regs={name: reg for name, reg in frame.regs.items() if name not in names})


def with_register(frame: FrameState, name: str, reg: RegState) -> FrameState:
    return replace(frame, regs={**frame.regs, name: reg})


def without_stack(frame: FrameState) -> FrameState:
    """A frame in which anything may lie on the stack."""
    return replace(frame, stack={}, flags=frame.flags | {INCOMPLETE})
