"""Values and steps in words: "0..255, a multiple of 4", "map value of counts, offset 0..1008"."""

from __future__ import annotations

from itertools import groupby

from bpfdoctor.kernel.registers import ADJECTIVES, KINDS
from bpfdoctor.machine.bits import S32_MAX, S32_MIN, S64_MAX, S64_MIN, U32_MAX, U64_MAX
from bpfdoctor.machine.number import Bounds, bounds, bounds32
from bpfdoctor.model.trace import CalleeKind, Insn, Op, Range, RegState, StackSlot, Step
from bpfdoctor.trace.digits import spelled


def in_words(value: RegState | Range) -> str:
    """What is known of a register, for a reader who has not learnt the kernel's notation."""
    if isinstance(value, Range) or value.kind == "scalar":
        return _number(value)
    if value.kind == "fp":
        return _stack(value)
    return _pointer(value)


def _number(value: RegState | Range) -> str:
    limits = bounds(value)
    if limits.constant is not None:
        return spelled(limits.constant)
    span = value.range if isinstance(value, RegState) else value
    if (pair := _one_of_two(limits, span)) is not None:
        return pair
    pattern = _pattern(span)
    if pattern and _only_pattern(limits, span):
        return {"even": "an even number", "odd": "an odd number"}.get(pattern, pattern)
    if limits.smin >= 0:
        if pattern == "" and limits.umin == 0 and limits.umax == U32_MAX:
            return _joined("any 32-bit number", _lower_half(span))
        if limits.umax == S64_MAX:
            positive = limits.umin == 1
            return _joined("a positive number" if positive else f"{spelled(limits.umin)} or more", pattern)
        return _joined(f"{spelled(limits.umin)}..{spelled(limits.umax)}", pattern)
    wide = limits.smax - limits.smin > U32_MAX
    return _joined(_with_sign(limits), pattern or (_lower_half(span) if wide else ""))


def _one_of_two(limits: Bounds, span: Range) -> str | None:
    """`0 or 8`, when one bit is all that is not known."""
    known = span.var_off
    if known is None or known.mask == 0 or known.mask & (known.mask - 1) or limits.smin < 0:
        return None
    low, high = known.value, known.value | known.mask
    return f"{spelled(low)} or {spelled(high)}" if (limits.umin, limits.umax) == (low, high) else None


def _only_pattern(limits: Bounds, span: Range) -> bool:
    """Whether the known low bits are all that is known of a 64-bit number."""
    known = span.var_off
    if known is None:
        return False
    low = known.mask & -known.mask
    if known.mask != U64_MAX - (low - 1):
        return False
    largest = known.value | known.mask
    is_whole = (limits.umin, limits.umax) == (known.value, largest)
    return is_whole and limits.smax >= largest & S64_MAX and limits.smin <= S64_MIN + known.value


def _with_sign(limits: Bounds) -> str:
    """A number that may be negative."""
    if limits.smax < 0:
        if limits.smin == S64_MIN:
            return "a negative number" + (f", at most {spelled(limits.smax)}" if limits.smax < -1 else "")
        return f"{spelled(limits.smin)}..{spelled(limits.smax)}"
    if limits.smin == S64_MIN and limits.smax == S64_MAX:
        if limits.umin == 1 and limits.umax == U64_MAX:
            return "any 64-bit number but 0"
        if limits.umin > 1 or limits.umax < U64_MAX:
            return f"{spelled(limits.umin)}..{spelled(limits.umax)} (unsigned)"
        return "any 64-bit number"
    if limits.smin == S64_MIN:
        return f"a negative number or {_up_to(limits.smax)}"
    if limits.smax == S64_MAX:
        return f"{spelled(limits.smin)} or more"
    if (limits.smin, limits.smax) == (S32_MIN, S32_MAX):
        return "any signed 32-bit number"
    return f"{spelled(limits.smin)}..{spelled(limits.smax)}"


def _pattern(span: Range) -> str:
    """What the known low bits say."""
    known = span.var_off
    if known is None or known.mask == 0:
        return ""
    unknown = known.mask & -known.mask  # everything below the lowest unknown bit is known
    if unknown == 1:
        return ""
    rest = known.value & (unknown - 1)
    if rest == 0:
        return f"a multiple of {spelled(unknown)}" if unknown > 2 else "even"
    return f"a multiple of {spelled(unknown)} plus {spelled(rest)}" if unknown > 2 else "odd"


def _lower_half(span: Range) -> str:
    """For a number of which only the lower 32 bits were checked."""
    low = bounds32(span)
    if low.constant is not None:
        return f"lower 32 bits {spelled(low.constant)}"
    if low.umin > 0 or low.umax < U32_MAX:
        return f"lower 32 bits {spelled(low.umin)}..{spelled(low.umax)}"
    if low.smin == S32_MIN and low.smax == S32_MAX:
        return ""
    if low.smin == S32_MIN:
        words = f"{_up_to(low.smax)} or negative"
    elif low.smax == S32_MAX:
        words = f"{spelled(low.smin)} or more"
    else:
        words = f"{spelled(low.smin)}..{spelled(low.smax)}"
    return f"lower 32 bits {words}"


def _up_to(most: int) -> str:
    return f"0..{spelled(most)}" if most > 0 else "0"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _variable(reg: RegState) -> Bounds | None:
    """The limits of the part of a pointer's offset that is not fixed; None when it is."""
    return bounds(reg) if reg.range != Range() else None


def offset_in_words(reg: RegState) -> str:
    """How far the pointer is from where its object begins: "4", "0..1008", "16 + any 64-bit number"."""
    fixed, variable = reg.off or 0, _variable(reg)
    if variable is None:
        return spelled(fixed)
    pattern = _pattern(reg.range) if fixed == 0 else ""
    if variable.smin == S64_MIN or variable.smax == S64_MAX:
        words = in_words(reg.range)
        return words if fixed == 0 else f"{spelled(fixed)} + {words}"
    return _joined(f"{spelled(fixed + variable.smin)}..{spelled(fixed + variable.smax)}", pattern)


def _stack(reg: RegState) -> str:
    frame = next((number for key, number in reg.attributes if key == "frame"), None)
    where = "stack" if frame is None else f"stack of frame {frame}"
    if _variable(reg) is None:
        return f"{where} at fp{reg.off or 0:+d}" if reg.off else f"{where}, frame pointer"
    limits, fixed = bounds(reg), reg.off or 0
    if limits.smin == S64_MIN or limits.smax == S64_MAX:
        return f"{where} at fp + {in_words(reg.range)}"
    return f"{where} at fp{fixed + limits.smin:+d}..fp{fixed + limits.smax:+d}"


_RECORD = frozenset({"ringbuf", "alloc"})  # the second up to 6.1
_NOT_OWNED = ("non_own_ref", "")


def _pointer(reg: RegState) -> str:
    name = KINDS[reg.kind].noun if reg.kind in KINDS else f"{reg.kind} pointer"
    if reg.kind == "ptr":
        name = f"pointer to struct {reg.type_name}" if reg.type_name else "kernel pointer"
    elif reg.kind == "map_ptr":
        name = f"map {reg.map_name}" if reg.map_name else "map"
    elif reg.map_name:
        name += f" of {reg.map_name}"
    elif reg.kind == "mem":
        name = "ring buffer record" if reg.flags & _RECORD else "memory"
        name += f" of {_count(reg.mem_size)}" if reg.mem_size else ""
    adjectives = [word for flag, word in ADJECTIVES.items() if flag in reg.flags]
    if _NOT_OWNED in reg.attributes:
        adjectives.append("non-owning")
    words = " ".join([*adjectives, name])
    if reg.nullable:
        words += " or NULL"
    if reg.off or _variable(reg) is not None:
        words += f", offset {offset_in_words(reg)}"
    if reg.kind in ("pkt", "pkt_meta") and reg.checked is not None:
        checked = max(reg.checked, 0)
        if checked and reg.off and _variable(reg) is not None:
            # up to 6.18 r= counts from before the fixed part was added; later there is no off=
            words += f", {_count(max(checked - reg.off, 0))} checked behind it"
        else:
            words += f", {_count(checked)} checked"
    return words


_BYTES = {"?": "not written", "m": "data", "0": "zero", "r": "of a spilled register", "d": "of a dynptr",
          "i": "of an iterator", "f": "of saved interrupt flags", "p": "not readable"}  # fmt: skip


def slot_in_words(slot: StackSlot) -> str:
    """What eight bytes of the stack hold, from the lowest of them: "4 bytes (0..9), 4 bytes not written"."""
    held = in_words(slot.reg) if slot.reg is not None else ""
    if held == "any 64-bit number":
        held = "a number"  # up to 6.1 limits of what is on the stack are not printed
    if slot.object:
        kind, _, of = slot.object.partition("_")
        name = {"dynptr": "dynptr", "iter": "iterator"}.get(kind)
        state = [value for key, value in slot.attributes if key == "state"]
        return ", ".join([f"{name} ({of})" if name and of else slot.object, *state])
    if held and slot.bytes.count("r") in (0, 8):
        return held
    runs = [(letter, len(list(run))) for letter, run in groupby(reversed(slot.bytes))]
    parts = [
        f"{_count(size)} ({held})"
        if held and letter == "r"
        else f"{_count(size)} {_BYTES.get(letter, letter)}"
        for letter, size in runs
    ]
    return parts[0].removeprefix("8 bytes ").removeprefix("of ") if len(runs) == 1 else ", ".join(parts)


# Steps


def insn_in_words(insn: Insn) -> str:
    """What an instruction does: "reads 2 bytes at r1+36 into r2"."""
    operand = insn.src if insn.imm is None else spelled(insn.imm)
    match insn.op:
        case Op.MOVE if insn.operator == "=":
            return f"{insn.dst} = {operand}" if insn.width == 64 else f"{insn.dst} = {operand} (32 bits)"
        case Op.LOAD if insn.operator != "skb":
            return f"reads {_count(insn.size)} at {_address(insn.src, insn)} into {insn.dst}"
        case Op.STORE:
            return f"writes {operand} to {_count(insn.size)} at {_address(insn.dst, insn)}"
        case Op.ATOMIC:
            return f"changes {_count(insn.size)} at {_address(insn.dst, insn)} atomically"
        case Op.BRANCH:
            return f"asks whether {insn.dst} {insn.operator} {operand}"
        case Op.GOTO if insn.target is not None:
            return f"goes on at instruction {insn.target}"
        case Op.CALL if insn.callee_kind is CalleeKind.SUBPROG:
            return f"calls the function at instruction {insn.target}"
        case Op.CALL:
            return f"calls {insn.callee}"
        case Op.EXIT:
            return "returns"
    return insn.text


def _count(size: int | None) -> str:
    return f"{size or 'no'} byte{'' if size == 1 else 's'}"


def _address(base: str | None, insn: Insn) -> str:
    if base == "r10":
        return f"fp{insn.off or 0:+d}"
    return f"{base}{insn.off:+d}" if insn.off else f"{base}"


def step_in_words(step: Step) -> str:
    """One step for a reader: what was done, which way a branch went, what is known of the result."""
    words = f"{step.insn.index}: {insn_in_words(step.insn)}"
    if step.taken is not None:
        words += ": yes" if step.taken else ": no"
    result = "r0" if step.insn.op is Op.CALL else step.insn.dst
    if step.printed is not None and result is not None and step.insn.op not in (Op.STORE, Op.ATOMIC):
        reg = step.printed.regs.get(result)
        if reg is not None and not words.endswith(f" {result} = {in_words(reg)}"):
            words += f"; {result} is {in_words(reg)}"
    return words
