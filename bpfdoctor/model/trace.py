"""What the verifier knew: instructions, register and stack states, the steps of the failing path."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from bpfdoctor.model.record import dataclass, field


class Op(StrEnum):
    """What an instruction does, as far as a diagnosis cares."""

    MOVE = "move"  # r1 = r2, w1 = w2, r1 = (s8)r2, r1 = 5, r1 = 0x… ll
    ALU = "alu"  # r1 += r2, w1 <<= 3, r1 = -r1, r1 = bswap32 r1
    LOAD = "load"  # r1 = *(u32 *)(r2 +4), also *(u8 *)skb[…]
    STORE = "store"  # *(u32 *)(r1 +4) = r2 or an immediate
    ATOMIC = "atomic"  # lock *(u64 *)(r1 +0) += r2, atomic64_fetch_add …
    BRANCH = "branch"  # if r1 > r2 goto pc+3
    GOTO = "goto"  # goto, gotol, may_goto, gotox
    CALL = "call"  # helper, kfunc, subprogram, callx
    EXIT = "exit"
    OTHER = "other"  # nospec and what a later kernel invents


class CalleeKind(StrEnum):
    """What a call goes to."""

    HELPER = "helper"
    KFUNC = "kfunc"
    SUBPROG = "subprog"
    UNKNOWN = "unknown"


class StackPlace(NamedTuple):
    """Bytes of a frame's stack, by the lowest of them: fp-8."""

    offset: int

    def __str__(self) -> str:
        return f"fp{self.offset:+d}"


# What holds a value: a register ("r1"), or bytes of the stack.
Holder = str | StackPlace


@dataclass(frozen=True, slots=True)
class Insn:
    """One instruction as the kernel disassembles it. Registers are "r0".."r11"; w1 is r1 with `width` 32."""

    index: int
    text: str
    op: Op
    opcode: int | None = None
    dst: str | None = None  # register written; for STORE/ATOMIC the base register of the address
    src: str | None = None  # register read; for LOAD the base register of the address
    imm: int | None = None
    off: int | None = None  # offset of a memory access
    size: int | None = None  # bytes of a memory access
    width: int = 64  # 32 for w registers
    operator: str | None = None  # "+=", "s>>=", "s>", "==", "&"; casts: "s8"
    target: int | None = None  # instruction index a taken branch, goto or pc-relative call goes to
    callee: str | None = None  # bpf_map_lookup_elem, unknown#…, pc+5
    callee_id: int | None = None  # 1 of bpf_map_lookup_elem#1
    callee_kind: CalleeKind | None = None

    @property
    def base(self) -> str | None:
        """The register with the address of a memory access; None for anything else."""
        if self.op is Op.LOAD:
            return self.src
        return self.dst if self.op in (Op.STORE, Op.ATOMIC) else None

    @property
    def clobbers(self) -> bool:
        """Whether r1..r5 hold nothing after it: a call, and LD_ABS and LD_IND (r0 = *(u8 *)skb[14])."""
        return self.op is Op.CALL or (self.op is Op.LOAD and self.operator == "skb")

    @property
    def written(self) -> str | None:
        """The register that the instruction itself overwrites; a call's r0..r5 are not in here."""
        if self.op in (Op.MOVE, Op.ALU, Op.LOAD):
            return self.dst
        if self.op is Op.ATOMIC and self.operator:
            if self.operator == "cmpxchg":
                return "r0"
            if self.operator.startswith(("fetch_", "xchg")):
                return self.src
        return None


@dataclass(frozen=True, slots=True)
class Tnum:
    """A tristate number: bits set in `mask` are unknown, the others are those of `value` (unsigned 64)."""

    value: int
    mask: int


@dataclass(frozen=True, slots=True)
class Range:
    """What is known of a number. Python integers; None = nothing was printed, so the type's limit."""

    smin: int | None = None
    smax: int | None = None
    umin: int | None = None
    umax: int | None = None
    smin32: int | None = None
    smax32: int | None = None
    umin32: int | None = None
    umax32: int | None = None
    var_off: Tnum | None = None


@dataclass(frozen=True, slots=True)
class Id:
    """What two registers have in common that hold the same number, or pointers made of the same one.

    `plus` is the constant that was added since (id=1+8). With a `width` of 32 that sum is cut off at 32 bits.
    """

    number: int
    plus: int = 0
    width: int = 64


@dataclass(frozen=True, slots=True)
class RegState:
    """What is known of one register, or of a spilled one: as a kernel printed it, or as it was made of that.

    `kind` is the kernel's word without prefixes and suffixes, in today's spelling: scalar (also for
    `inv`), ctx, fp, pkt, pkt_meta, pkt_end, map_value, map_ptr, map_key, sock, sock_common, tcp_sock,
    xdp_sock, tp_buffer, mem, buf, ptr (with `type_name`), dynptr_ptr, func, flow_keys, arena, insn, or "?".
    """

    kind: str
    nullable: bool = False  # …_or_null
    flags: frozenset[str] = frozenset()  # trusted, untrusted, rcu, percpu, rdonly, alloc, user, …
    type_name: str | None = None  # task_struct of ptr_task_struct / trusted_ptr_task_struct
    off: int | None = None  # fixed offset; fp-16 has off -16
    value: int | None = None  # a known constant (scalar only)
    range: Range = field(default_factory=Range)
    id: Id | None = None
    ref_id: int | None = None  # ref_obj_id, or 7.2's parent/own id of a referenced object
    parent_id: int | None = None
    map_name: str | None = None
    key_size: int | None = None
    value_size: int | None = None
    checked: int | None = None  # packet bytes proved: r=34
    mem_size: int | None = None  # sz=
    precise: bool = False  # P
    attributes: tuple[tuple[str, str], ...] = ()  # everything else, kept as printed


@dataclass(frozen=True, slots=True)
class StackSlot:
    """Eight bytes of stack. `offset` is the slot's lowest byte from fp (fp-8 -> -8).

    `bytes` has one letter per byte, highest address first as the kernel prints them: `?` never written,
    `m` data, `0` zero, `r` spilled, `d` dynptr, `i` iterator, `f` irq flag, `p` poisoned. When a register was
    spilled whole, `reg` is its state and `bytes` is "rrrrrrrr" (or as printed when partial).
    """

    offset: int
    bytes: str
    reg: RegState | None = None
    object: str | None = None  # dynptr_ringbuf, iter_num … when the slot is part of one
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FrameState:
    """Registers and stack of one frame, as far as they were printed or can be derived."""

    frame: int = 0
    regs: Mapping[str, RegState] = field(default_factory=dict)  # "r0".."r11"
    stack: Mapping[int, StackSlot] = field(default_factory=dict)  # by offset
    refs: tuple[int, ...] | None = None  # references held: refs=2,4
    flags: frozenset[str] = frozenset()  # cb, async_cb, and anything else after the registers
    whole: bool = False  # printed by a kernel that leaves no register out, whatever it prints a state for

    def at(self, place: Holder) -> RegState | None:
        """What the register, or the slot of the stack, holds."""
        if isinstance(place, str):
            return self.regs.get(place)
        slot = self.stack.get(place.offset // 8 * 8)
        return slot.reg if slot is not None else None


@dataclass(frozen=True, slots=True)
class Comment:
    """A source comment of the log: `; text @ file:line` (file and line only since 6.8)."""

    text: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction the verifier walked on the failing path.

    `number` is -1 for the newest step, -2 for the one before it and so on: a larger number is a newer step,
    and nothing has to be counted from the other end of a large log. `printed` is the state printed with the
    instruction (registers it changed), `comment` the source comment in force, `came_from` the branch of a
    `from X to Y:` line directly before it. `taken` says which way a branch went, when it can be known.
    """

    number: int
    insn: Insn
    offset: int  # byte offset of the line in the report's data
    frame: int = 0
    comment: Comment | None = None
    printed: FrameState | None = None
    before: FrameState | None = None  # a full or partial state printed before the instruction
    came_from: int | None = None
    taken: bool | None = None
    speculative: bool = False
