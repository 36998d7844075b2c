"""The interpreter: what an instruction does to registers and stack, and what a branch teaches of copies."""

from __future__ import annotations

from bpfdoctor.kernel.instructions import LD_IMM64
from bpfdoctor.machine.bits import calculate, signed, unsigned
from bpfdoctor.machine.calls import written_by
from bpfdoctor.machine.memory import (
    Stack,
    filled,
    maybe_written,
    overwritten,
    reach,
    reads_zeros,
    spilled,
    stack_place,
    written,
)
from bpfdoctor.machine.state import (
    CALLER_SAVED,
    State,
    everywhere,
    with_register,
    without,
    without_stack,
)
from bpfdoctor.machine.value import PACKET_POINTERS, constant, is_pointer, moved, of_frame, stack_offset
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import FrameState, Insn, Op, Range, RegState, StackSlot


class Machine:
    """Does what is certain whatever verifier it is: what a log does not print is filled in with it.

    Of numbers it computes constants only: what is known of others differs from kernel to kernel.
    """

    def executed(self, state: State, at: int, insn: Insn, *, is_printed: bool = False) -> State:
        """What the instruction itself does in frame `at`; with `is_printed` the rest is shown."""
        if insn.op is Op.CALL:
            if not is_printed:
                state = self._call_writes(state, at, insn.callee or "")
            return {**state, at: without(state.get(at, FrameState(at)), CALLER_SAVED)}
        if insn.op in (Op.STORE, Op.ATOMIC):
            state = self._stored(state, at, insn, is_printed)
        if insn.clobbers:  # LD_ABS, LD_IND
            state = {**state, at: without(state.get(at, FrameState(at)), CALLER_SAVED)}
        if (target := insn.written) is not None:
            frame = state.get(at, FrameState(at))
            new = self._made(state, at, insn)
            frame = without(frame, (target,)) if new is None else with_register(frame, target, new)
            state = {**state, at: frame}
        return state

    def _call_writes(self, state: State, at: int, callee: str) -> State:
        return written_by(state, at, callee)

    # What an instruction puts into a register: None when that is not certain

    def _made(self, state: State, at: int, insn: Insn) -> RegState | None:
        regs = state[at].regs if at in state else {}
        if insn.op is Op.MOVE and insn.imm is not None:
            if insn.opcode == LD_IMM64:
                return None  # the text does not say whether it is a number or an address
            return constant(unsigned(insn.imm, insn.width))
        if insn.op is Op.MOVE:
            source = regs.get(insn.src or "")
            same = insn.operator == "=" and insn.width == 64
            return source if source is None or same else self._cast(insn, source)
        if insn.op is Op.ALU:
            operand = constant(insn.imm) if insn.imm is not None else regs.get(insn.src or "")
            old = regs.get(insn.dst or "")
            return None if old is None else self._computed(insn, old, operand)
        if insn.op is Op.LOAD:
            place = stack_place(insn, insn.src, regs, at)
            return self._loaded(insn, state[place[0]].stack if place and place[0] in state else {}, place)
        return None

    def _cast(self, insn: Insn, source: RegState) -> RegState | None:
        if source.value is None:
            return None
        if insn.operator == "=":
            return constant(unsigned(source.value, 32))
        if insn.operator in ("s8", "s16", "s32"):
            return constant(unsigned(signed(source.value, int(insn.operator[1:])), insn.width))
        return None

    def _computed(self, insn: Insn, old: RegState, operand: RegState | None) -> RegState | None:
        if insn.operator == "-":
            return constant(unsigned(-old.value, insn.width)) if old.value is not None else None
        if operand is None:
            return None
        if operand.value is None:
            return self._somewhere(insn, old, operand)
        if old.value is not None:
            value = calculate(insn.operator or "", old.value, operand.value, insn.width)
            return None if value is None else constant(value)
        return self._pointer_moved(insn, old, operand)

    def _pointer_moved(self, insn: Insn, pointer: RegState, by: RegState) -> RegState | None:
        if not is_pointer(pointer) or pointer.nullable or insn.width != 64:
            return None
        if insn.operator not in ("+=", "-=") or by.value is None:
            return None
        return moved(pointer, by.value if insn.operator == "+=" else -by.value)

    def _somewhere(self, insn: Insn, pointer: RegState, by: RegState) -> RegState | None:
        """A pointer to a fixed place of the stack, after a number was added that is not known exactly."""
        if stack_offset(pointer) is None or insn.operator != "+=" or insn.width != 64:
            return None
        return replace(pointer, range=by.range) if by.kind == "scalar" and by.range != Range() else None

    def _loaded(self, insn: Insn, stack: Stack, place: tuple[int, int] | None) -> RegState | None:
        """`stack` is that of the frame of `place`; both are empty for other memory."""
        if place is None or insn.size is None or insn.operator is not None:
            return None
        if reads_zeros(stack, place[1], insn.size):
            return constant(0)
        return filled(stack, place[1], 8) if insn.size == 8 else None

    # Stack

    def _stored(self, state: State, at: int, insn: Insn, is_printed: bool) -> State:
        frame = state.get(at, FrameState(at))
        base = frame.regs.get(insn.dst or "")
        if base is None:
            return state if is_printed else {**state, at: without_stack(frame)}
        if base.kind != "fp" or (owner := of_frame(base, at)) not in state:
            return state
        off = stack_offset(base)
        if off is None:
            where = reach(insn, base)
            if where is None:
                return {**state, owner: without_stack(state[owner])}
            rest = maybe_written(state[owner].stack, *where)
            return {**state, owner: replace(without_stack(state[owner]), stack=rest)}
        source = frame.regs.get(insn.src or "") if insn.imm is None else constant(insn.imm)
        stack = self._with_data(state[owner].stack, off + (insn.off or 0), insn, source)
        return {**state, owner: replace(state[owner], stack=stack)}

    def _with_data(self, stack: Stack, off: int, insn: Insn, source: RegState | None) -> dict[int, StackSlot]:
        """The stack after a store to fp+off: a spilled register, or bytes of data."""
        size = insn.size or 0
        if insn.op is Op.STORE and off % 8 == 0:
            if source is not None and self._keeps(source, size):
                return spilled(stack, off, size, source)
            if size == 8:
                return written(stack, off)
        zero = insn.op is Op.STORE and source is not None and source.value == 0
        return overwritten(stack, off, size, "0" if zero else "m")

    def _keeps(self, source: RegState, size: int) -> bool:
        """Whether what the register holds is known of the stack after its lowest bytes were stored."""
        return size == 8


def learned(state: State, old: RegState, new: RegState) -> State:
    """What a branch that turned register `old` into `new` teaches about its copies (same id)."""
    if old.nullable and old.id is not None:
        if not new.nullable and new.kind == old.kind:
            return everywhere(
                state,
                lambda reg: (
                    replace(reg, nullable=False, id=new.id) if reg.nullable and reg.id == old.id else reg
                ),
            )
        if new.kind == "scalar" and new.value == 0:
            zero = constant(0)
            return everywhere(state, lambda reg: zero if reg.nullable and reg.id == old.id else reg)
    elif old.kind == "scalar" and new.kind == "scalar" and old.id is not None and not old.id.plus:
        if new.id == old.id or new.value is not None:
            return everywhere(state, lambda reg: new if reg.kind == "scalar" and reg.id == old.id else reg)
    elif new.kind in PACKET_POINTERS and new.kind == old.kind and (new.checked or 0) > (old.checked or 0):
        return everywhere(state, lambda reg: _checked(reg, new))
    return state


def _checked(reg: RegState, new: RegState) -> RegState:
    """`r=` counts from where the pointer's variable part ends, so it is the same for all with one id."""
    if reg.kind != new.kind or reg.id != new.id or (reg.checked or 0) >= (new.checked or 0):
        return reg
    return replace(reg, checked=new.checked)
