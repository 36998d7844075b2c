"""What is certain of a number: the bounds the kernel printed, completed by those it leaves out."""

from __future__ import annotations

from typing import NamedTuple

from bpfdoctor.model.trace import Insn, Range, RegState, Tnum
from bpfdoctor.transcript.state import signed, unsigned

S64_MIN, S64_MAX, U64_MAX = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1
S32_MIN, S32_MAX, U32_MAX = -(1 << 31), (1 << 31) - 1, (1 << 32) - 1

_UNKNOWN = Tnum(0, U64_MAX)
_NEVER_NULL = ("sock", "tcp_sock", "sock_common", "map_value", "map_key")


def spelled(number: int) -> str:
    """Digits for sizes and indices, hexadecimal for masks and addresses, which are too large to be one."""
    return str(number) if -(1 << 20) < number < (1 << 20) else hex(number)


class Bounds(NamedTuple):
    """Signed and unsigned limits of one number, all inclusive."""

    smin: int
    smax: int
    umin: int
    umax: int

    @property
    def constant(self) -> int | None:
        return self.smin if self.smin == self.smax else None


def bounds(reg: RegState | Range) -> Bounds:
    """The 64-bit limits of a scalar, or of the variable part of a pointer's offset."""
    if isinstance(reg, RegState):
        if reg.value is not None:
            return Bounds(reg.value, reg.value, unsigned(reg.value), unsigned(reg.value))
        reg = reg.range
    known = reg.var_off or _UNKNOWN
    umin = max(reg.umin or 0, known.value)
    umax = min(U64_MAX if reg.umax is None else reg.umax, known.value | known.mask)
    smin = S64_MIN if reg.smin is None else reg.smin
    smax = S64_MAX if reg.smax is None else reg.smax
    return _agreed(smin, smax, umin, umax, 64)


def bounds32(reg: RegState | Range) -> Bounds:
    """The limits of the lower 32 bits."""
    if isinstance(reg, RegState):
        if reg.value is not None:
            low = signed(reg.value, 32)
            return Bounds(low, low, unsigned(low, 32), unsigned(low, 32))
        reg = reg.range
    whole = bounds(reg)
    known = reg.var_off or _UNKNOWN
    umin = max(reg.umin32 or 0, known.value & U32_MAX)
    umax = min(U32_MAX if reg.umax32 is None else reg.umax32, (known.value | known.mask) & U32_MAX)
    smin = S32_MIN if reg.smin32 is None else reg.smin32
    smax = S32_MAX if reg.smax32 is None else reg.smax32
    if whole.umax <= U32_MAX:
        umin, umax = max(umin, whole.umin), min(umax, whole.umax)
    if whole.smin >= S32_MIN and whole.smax <= S32_MAX:
        smin, smax = max(smin, whole.smin), min(smax, whole.smax)
    return _agreed(smin, smax, umin, umax, 32)


def _agreed(smin: int, smax: int, umin: int, umax: int, width: int) -> Bounds:
    """Signed limits from unsigned ones and the other way round, where the sign is certain."""
    top = (1 << (width - 1)) - 1
    if umax <= top or umin > top:
        smin, smax = max(smin, signed(umin, width)), min(smax, signed(umax, width))
    if smin >= 0 or smax < 0:
        umin, umax = max(umin, unsigned(smin, width)), min(umax, unsigned(smax, width))
    return Bounds(smin, smax, umin, umax)


def never_null(reg: RegState) -> bool:
    """Whether the verifier takes the pointer for one that is not NULL when it is compared (reg_not_null).

    It is so for few types: comparing a packet or context pointer with 0 leaves it both ways. Memory is one of
    them since 6.8, which is when sz= is printed.
    """
    if reg.nullable or "untrusted" in reg.flags:
        return False
    if reg.kind == "mem":
        return reg.mem_size is not None
    trusted = "trusted" in reg.flags or reg.ref_id is not None
    return reg.kind in _NEVER_NULL or (reg.kind == "ptr" and trusted)


def outcome(insn: Insn, left: RegState | None, right: RegState | None) -> bool | None:
    """Whether the branch is taken, when what is known of the registers decides it; None when it does not.

    `right` is the register compared with, None when the branch compares with a number.
    """
    if left is None or insn.operator is None or (insn.imm is None and right is None):
        return None
    if left.kind != "scalar":
        if insn.imm == 0 and insn.operator in ("==", "!=") and insn.width == 64 and never_null(left):
            return insn.operator == "!="
        return None
    if right is not None and right.kind != "scalar":
        return None
    of = bounds if insn.width == 64 else bounds32
    value = RegState("scalar", "", value=insn.imm) if insn.imm is not None else right
    assert value is not None
    return _compare(insn.operator, of(left), of(value))


def _compare(operator: str, a: Bounds, b: Bounds) -> bool | None:
    match operator:
        case "==" | "!=":
            same = None
            if a.constant is not None and a.constant == b.constant:
                same = True
            elif a.umax < b.umin or b.umax < a.umin or a.smax < b.smin or b.smax < a.smin:
                same = False
            return same if operator == "==" or same is None else not same
        case ">":
            return _above(a.umin, a.umax, b.umin, b.umax)
        case "s>":
            return _above(a.smin, a.smax, b.smin, b.smax)
        case "<":
            return _above(b.umin, b.umax, a.umin, a.umax)
        case "s<":
            return _above(b.smin, b.smax, a.smin, a.smax)
        case ">=":
            return _not(_above(b.umin, b.umax, a.umin, a.umax))
        case "s>=":
            return _not(_above(b.smin, b.smax, a.smin, a.smax))
        case "<=":
            return _not(_above(a.umin, a.umax, b.umin, b.umax))
        case "s<=":
            return _not(_above(a.smin, a.smax, b.smin, b.smax))
        case "&" if a.constant is not None and b.constant is not None:
            return bool(a.constant & b.constant)
    return None


def _above(a_min: int, a_max: int, b_min: int, b_max: int) -> bool | None:
    """a > b"""
    return True if a_min > b_max else False if a_max <= b_min else None


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer
