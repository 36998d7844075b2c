"""What an instruction certainly does to registers, for logs that do not print it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bpfdoctor.kernel.instructions import LD_IMM64
from bpfdoctor.machine.bits import calculate, signed, unsigned
from bpfdoctor.machine.value import constant, of_frame, stack_offset
from bpfdoctor.model.trace import Insn, Op, Range, RegState, StackSlot

Regs = Mapping[str, RegState]
Stack = Mapping[int, StackSlot]

_OFFSET = re.compile(r"\boff=-?\w+")


def stack_place(insn: Insn, base: str | None, regs: Regs, frame: int) -> tuple[int, int] | None:
    """(frame, offset) of a known place of a stack that an instruction of `frame` accesses through `base`."""
    if base == "r10":
        return frame, insn.off or 0
    reg = regs.get(base or "")
    off = stack_offset(reg)
    return None if reg is None or off is None else (of_frame(reg, frame), off + (insn.off or 0))


def result(insn: Insn, regs: Regs, stack: Stack) -> RegState | None:
    """What the register that the instruction writes holds afterwards; None when that is not certain."""
    if insn.op is Op.MOVE:
        return _move(insn, regs)
    if insn.op is Op.ALU:
        return _arithmetic(insn, regs)
    if insn.op is Op.LOAD and insn.size == 8 and insn.operator is None and insn.src is not None:
        base = regs.get(insn.src)
        off = stack_offset(base)
        if base is not None and off is not None and not base.attributes:
            slot = stack.get(off + (insn.off or 0))
            return slot.reg if slot is not None and slot.bytes == "r" * 8 else None
    return None


def _move(insn: Insn, regs: Regs) -> RegState | None:
    if insn.imm is not None:
        if insn.opcode == LD_IMM64:
            return None  # the text does not say whether it is a number or an address
        return constant(unsigned(insn.imm, insn.width))
    source = regs.get(insn.src or "")
    if source is None or (insn.operator == "=" and insn.width == 64):
        return source
    if source.value is None:
        return None
    if insn.operator == "=":
        return constant(unsigned(source.value, 32))
    if insn.operator in ("s8", "s16", "s32"):
        return constant(unsigned(signed(source.value, int(insn.operator[1:])), insn.width))
    return None


def _arithmetic(insn: Insn, regs: Regs) -> RegState | None:
    old = regs.get(insn.dst or "")
    if old is None:
        return None
    operand = regs.get(insn.src) if insn.src is not None else None
    by = insn.imm if insn.src is None else operand.value if operand is not None else None
    if insn.operator == "-":
        return constant(unsigned(-old.value, insn.width)) if old.value is not None else None
    if by is None:
        return None
    if old.value is not None:
        value = calculate(insn.operator or "", old.value, by, insn.width)
        return None if value is None else constant(value)
    if old.kind == "scalar" or old.nullable or insn.width != 64 or insn.operator not in ("+=", "-="):
        return None
    moved = (old.off or 0) + (by if insn.operator == "+=" else -by)
    if old.kind == "fp" and old.range == Range():
        frame, bracket, _ = old.text.rpartition("]")  # fp[0]-8
        return replace(old, off=moved, text=f"{frame}]{moved}" if bracket else f"fp{moved}")
    if "off=" in old.text:
        return replace(old, off=moved, text=_OFFSET.sub(f"off={moved}", old.text, count=1))
    return replace(old, off=moved, text=old.text.replace("(", f"(off={moved},", 1).replace(",)", ")"))


def store(insn: Insn, off: int, regs: Regs, stack: Stack) -> dict[int, StackSlot]:
    """The stack after a store to fp+off: a whole spilled register, or bytes of data."""
    size = insn.size or 0
    source = regs.get(insn.src or "") if insn.imm is None else constant(insn.imm)
    new = dict(stack)
    if insn.op is Op.STORE and size == 8 and off % 8 == 0:
        new.pop(off, None)
        if source is not None:
            new[off] = StackSlot(off, "r" * 8, source.text, source)
        else:
            new[off] = StackSlot(off, "r" * 8, "")  # written, with something that is not known
        return new
    zero = insn.op is Op.STORE and source is not None and source.value == 0
    return overwritten(new, off, size, "0" if zero else "m")


def overwritten(stack: Stack, off: int, size: int, letter: str) -> dict[int, StackSlot]:
    """The stack after `size` bytes from fp+off were overwritten with data."""
    new = dict(stack)
    for base in range(off - off % 8, off + size, 8):
        old = new.get(base)
        letters = list(old.bytes if old is not None else "?" * 8)
        for at in range(max(base, off), min(base + 8, off + size)):
            letters[base + 7 - at] = letter  # printed highest address first
        # What is left of a spilled register is data.
        text = "".join("m" if each == "r" else each for each in letters)
        new[base] = StackSlot(base, text, text)
    return new
