"""Changes of state that the verifier makes without printing them: what calls destroy, what branches teach.

Since 5.17 only registers and slots that an instruction touched are printed. The verifier also forgets
caller-saved registers, packet pointers when a helper may move the packet, everything that belongs to a
released reference; and a branch teaches it something about every copy of the register compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from bpfdoctor.kernel import calls
from bpfdoctor.machine.value import constant, frame_pointer, of_frame, stack_offset
from bpfdoctor.model.trace import FrameState, Insn, Op, RegState, StackSlot
from bpfdoctor.trace.helper_memory import filled, only_reads, written_through
from bpfdoctor.trace.semantics import overwritten, result, store
from bpfdoctor.transcript.insn import written

World = dict[int, FrameState]  # frame number -> what is known of it

# The flag of a frame of which something is not known: a register or slot that is absent may be there.
INCOMPLETE = "incomplete"
CALLER_SAVED = ("r0", "r1", "r2", "r3", "r4", "r5")

PACKET_POINTERS = ("pkt", "pkt_meta", "pkt_end")

Change = Callable[[RegState], RegState | None]


def everywhere(world: World, change: Change) -> World:
    """The world with `change` made to every register and spilled register; None forgets it."""
    return {number: _in_frame(frame, change) for number, frame in world.items()}


def _in_frame(frame: FrameState, change: Change) -> FrameState:
    regs = {name: new for name, reg in frame.regs.items() if (new := change(reg)) is not None}
    stack: dict[int, StackSlot] = {}
    for off, slot in frame.stack.items():
        if slot.reg is None or (new := change(slot.reg)) is slot.reg:
            stack[off] = slot
        elif new is not None:
            stack[off] = replace(slot, reg=new, text=slot.text.removesuffix(slot.reg.text) + new.text)
        else:
            stack[off] = StackSlot(off, "m" * 8, "m" * 8)  # the bytes stay, what they mean is gone
    return replace(frame, regs=regs, stack=stack)


def empty(number: int) -> FrameState:
    """A frame at its beginning."""
    return FrameState(number, {"r10": frame_pointer()})


def entered(world: World, number: int, call: Insn) -> World:
    """The world at the beginning of the subprogram or callback that runs as frame `number`."""
    caller = world.get(number - 1, empty(number - 1))
    callee = empty(number)
    if call.callee_kind == "subprog":  # a callback gets what the helper gives it
        passed = {name: reg for name, reg in caller.regs.items() if name in CALLER_SAVED[1:]}
        callee = replace(callee, regs={**callee.regs, **passed})
    return {**world, number - 1: without(caller, CALLER_SAVED), number: callee}


def left(world: World, number: int) -> World:
    """The world behind a return to frame `number`."""
    r0 = world[number + 1].regs.get("r0") if number + 1 in world else None
    world = {each: frame for each, frame in world.items() if each <= number}
    if r0 is not None and number in world:
        world[number] = replace(world[number], regs={**world[number].regs, "r0": r0})
    return world


def without(frame: FrameState, names: Collection[str]) -> FrameState:
    return replace(frame, regs={name: reg for name, reg in frame.regs.items() if name not in names})


def _forgotten_stack(frame: FrameState) -> FrameState:
    return replace(frame, stack={}, flags=frame.flags | {INCOMPLETE})


def executed(world: World, number: int, insn: Insn, is_printed: bool) -> World:
    """What the instruction itself certainly does in frame `number`; with `is_printed` the rest is shown."""
    frame = world.get(number, FrameState(number))
    if insn.op is Op.CALL:
        if not is_printed:
            world = _pointed_to(world, number, insn.callee or "")
        return {**world, number: without(world.get(number, frame), CALLER_SAVED)}
    if insn.op in (Op.STORE, Op.ATOMIC):
        world = _stored(world, number, insn, is_printed)
    if (target := written(insn)) is not None:
        frame = world.get(number, frame)
        new = result(insn, frame.regs, frame.stack)
        frame = without(frame, (target,))
        world = {
            **world,
            number: replace(frame, regs={**frame.regs, target: new}) if new is not None else frame,
        }
    return world


def _pointed_to(world: World, number: int, callee: str) -> World:
    """What a call does to the stack bytes it gets pointers to: fills them, only reads them, or who knows."""
    if only_reads(callee):
        return world
    regs = world[number].regs if number in world else {}
    known = filled(callee, regs)
    for name in written_through(callee) if known is None else (known[0],):
        reg = regs.get(name)
        if reg is None or reg.kind != "fp" or (owner := of_frame(reg, number)) not in world:
            continue
        size = known[1] if known is not None else None
        frame = world[owner]
        if reg.off is not None and size is not None and 0 < size <= -reg.off:
            world = {**world, owner: replace(frame, stack=overwritten(frame.stack, reg.off, size, "m"))}
        else:  # from there upwards anything may have changed
            below = {
                off: slot for off, slot in frame.stack.items() if reg.off is not None and off + 8 <= reg.off
            }
            world = {**world, owner: replace(frame, stack=below, flags=frame.flags | {INCOMPLETE})}
    return world


def _stored(world: World, number: int, insn: Insn, is_printed: bool) -> World:
    frame = world.get(number, FrameState(number))
    base = frame.regs.get(insn.dst or "")
    if base is None:
        return world if is_printed else {**world, number: _forgotten_stack(frame)}
    if base.kind != "fp" or (owner := of_frame(base, number)) not in world:
        return world
    off = stack_offset(base)
    if off is None:
        return {**world, owner: _forgotten_stack(world[owner])}
    stack = store(insn, off + (insn.off or 0), frame.regs, world[owner].stack)
    return {**world, owner: replace(world[owner], stack=stack)}


def called(world: World, insn: Insn, before: FrameState) -> World:
    """What a call to a helper or kfunc takes away in all frames, as far as its name says.

    `before` is the calling frame in front of the call.
    """
    name = insn.callee or ""
    released_argument = calls.released_argument(name)
    given = before.regs.get(f"r{released_argument}")
    if released_argument and given is not None and given.ref_id is not None:
        return released(world, {given.ref_id})
    if calls.moves_packet(name) or (insn.callee_kind == "subprog"):
        return everywhere(world, lambda reg: None if reg.kind in PACKET_POINTERS else reg)
    if name == "bpf_rcu_read_unlock":
        return everywhere(world, _without_rcu)
    if name in ("bpf_spin_unlock", "bpf_res_spin_unlock"):
        return everywhere(world, lambda reg: None if ("non_own_ref", "") in reg.attributes else reg)
    return world


def _without_rcu(reg: RegState) -> RegState:
    if "rcu" not in reg.flags:
        return reg
    return replace(
        reg, flags=reg.flags - {"rcu"} | {"untrusted"}, nullable=False, text="untrusted_" + reg.text[4:]
    )


def released(world: World, gone: Collection[int]) -> World:
    """What held a released reference is no longer usable: registers, dynptrs, iterators."""

    numbers = set(map(str, gone))

    def held(reg: RegState) -> bool:
        return reg.ref_id in gone or reg.parent_id in gone

    def object_held(slot: StackSlot) -> bool:
        return slot.object is not None and any(
            key in ("id", "ref_id", "parent_id") and value in numbers for key, value in slot.attributes
        )

    world = {
        number: replace(
            frame, stack={off: slot for off, slot in frame.stack.items() if not object_held(slot)}
        )
        for number, frame in world.items()
    }
    return everywhere(world, lambda reg: None if held(reg) else reg)


def learned(world: World, old: RegState, new: RegState) -> World:
    """What a branch that turned register `old` into `new` teaches about its copies (same id)."""
    if old.nullable and old.id is not None:
        if not new.nullable and new.kind == old.kind:
            return everywhere(world, lambda reg: _not_null(reg, old, new))
        if new.kind == "scalar" and new.value == 0:
            zero = constant(0)
            return everywhere(world, lambda reg: zero if reg.nullable and reg.id == old.id else reg)
    elif old.kind == "scalar" and new.kind == "scalar" and old.id is not None and "+" not in old.id:
        if new.id == old.id or new.value is not None:
            return everywhere(world, lambda reg: new if reg.kind == "scalar" and reg.id == old.id else reg)
    elif new.kind in PACKET_POINTERS and new.kind == old.kind and (new.checked or 0) > (old.checked or 0):
        return everywhere(world, lambda reg: _checked(reg, new))
    return world


def _not_null(reg: RegState, old: RegState, new: RegState) -> RegState:
    if not reg.nullable or reg.id != old.id:
        return reg
    text = new.text if reg.text == old.text else reg.text.replace("or_null_", "").replace("_or_null", "")
    return replace(reg, nullable=False, id=new.id, text=text)


def _checked(reg: RegState, new: RegState) -> RegState:
    """`r=` counts from where the pointer's variable part ends, so it is the same for all with one id."""
    if reg.kind != new.kind or reg.id != new.id or (reg.checked or 0) >= (new.checked or 0):
        return reg
    text = reg.text.replace(f"r={reg.checked}", f"r={new.checked}")
    return replace(reg, checked=new.checked, text=text)
