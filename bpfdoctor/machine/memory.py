"""The stack: which place an instruction accesses, and what it leaves there."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.machine.number import bounds
from bpfdoctor.machine.value import of_frame, stack_offset
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import Insn, RegState, StackSlot

Stack = Mapping[int, StackSlot]


def stack_place(
    insn: Insn, base: str | None, regs: Mapping[str, RegState], frame: int
) -> tuple[int, int] | None:
    """(frame, offset) of a known place of a stack that an instruction of `frame` accesses through `base`."""
    if base == "r10":
        return frame, insn.off or 0
    reg = regs.get(base or "")
    off = stack_offset(reg)
    return None if reg is None or off is None else (of_frame(reg, frame), off + (insn.off or 0))


def reach(insn: Insn, base: RegState | None) -> tuple[int, int] | None:
    """The bytes of a stack, from fp+low up to fp+high, one of which an access through `base` is about."""
    if base is None or base.kind != "fp":
        return None
    known = bounds(replace(base, kind="scalar"))
    start = (base.off or 0) + (insn.off or 0)
    return start + known.smin, start + known.smax + (insn.size or 0)


def maybe_written(stack: Stack, low: int, high: int) -> dict[int, StackSlot]:
    """The stack after something was stored between fp+low and fp+high: nothing is known of these slots."""
    return {off: slot for off, slot in stack.items() if off + 8 <= low or high <= off}


def spilled(stack: Stack, off: int, size: int, reg: RegState) -> dict[int, StackSlot]:
    """The stack after a register's lowest `size` bytes, which are all it holds, were stored to fp+off."""
    letters = "r" * 8
    if size < 8:
        letters = overwritten(stack, off, size, "m")[off].bytes[: 8 - size] + "r" * size
    return {**stack, off: StackSlot(off, letters, reg)}


def written(stack: Stack, off: int) -> dict[int, StackSlot]:
    """The stack after something that is not known was stored to the eight bytes of a slot."""
    return {**stack, off: StackSlot(off, "r" * 8)}


def overwritten(stack: Stack, off: int, size: int, letter: str) -> dict[int, StackSlot]:
    """The stack after `size` bytes from fp+off were overwritten with data."""
    new = dict(stack)
    for base in range(off - off % 8, off + size, 8):
        old = new.get(base)
        letters = list(old.bytes if old is not None else "?" * 8)
        for at in range(max(base, off), min(base + 8, off + size)):
            letters[base + 7 - at] = letter  # printed highest address first
        # What is left of a spilled register is data.
        new[base] = StackSlot(base, "".join("m" if each == "r" else each for each in letters))
    return new


def reads_zeros(stack: Stack, off: int, size: int) -> bool:
    """Whether the `size` bytes at fp+off are known to be zero, in one slot."""
    base = off - off % 8
    slot = stack.get(base)
    last = 8 - (off - base)  # the highest address is the first letter
    return (
        slot is not None
        and slot.reg is None
        and size <= last
        and slot.bytes[last - size : last] == "0" * size
    )


def filled(stack: Stack, off: int, size: int) -> RegState | None:
    """The register of which the `size` bytes at fp+off are the lowest; None when they are no register's."""
    slot = stack.get(off)
    return slot.reg if slot is not None and slot.bytes.endswith("r" * size) else None
