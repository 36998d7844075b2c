"""What a register or a stack slot can hold: numbers, and pointers of every kind."""

from __future__ import annotations

from bpfdoctor.machine.bits import signed
from bpfdoctor.machine.comparison import decided_by
from bpfdoctor.machine.number import bounds, bounds32
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import Insn, Range, RegState
from bpfdoctor.pattern import later

PACKET_POINTERS = ("pkt", "pkt_meta", "pkt_end")
_FRAME = later(r"[0-9]")  # the verifier follows calls eight frames deep
_NEVER_NULL = ("sock", "tcp_sock", "sock_common", "map_value", "map_key")
# A number, or something of which nobody knows what it is.
_NUMBERS = ("scalar", "?")


def constant(value: int) -> RegState:
    return RegState("scalar", value=signed(value))


def frame_pointer() -> RegState:
    return RegState("fp", off=0)


def is_pointer(reg: RegState) -> bool:
    return reg.kind not in _NUMBERS


def moved(pointer: RegState, by: int) -> RegState:
    """The pointer after a constant was added to it."""
    return replace(pointer, off=(pointer.off or 0) + by)


def of_frame(reg: RegState, frame: int) -> int:
    """The frame whose stack an fp register points into."""
    shown = (value for key, value in reg.attributes if key == "frame" and _FRAME.fullmatch(value))
    return next(map(int, shown), frame)


def stack_offset(reg: RegState | None) -> int | None:
    """The offset from fp when the register points to a known place of a stack."""
    return reg.off if reg is not None and reg.kind == "fp" and reg.range == Range() else None


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
    value = constant(insn.imm) if insn.imm is not None else right
    assert value is not None
    return decided_by(insn.operator, of(left), of(value))
