"""Runs a program on one input: every instruction of BPF v4, in checked memory."""

from __future__ import annotations

from bpfdoctor.kernel.instructions import (
    ALU,
    ALU64,
    ATOMIC,
    CLASS,
    FROM_REGISTER,
    JMP,
    JMP32,
    LD,
    LDX,
    MEMSX,
    MODE,
    PSEUDO_CALL,
    SIZE,
    SIZES,
    ST,
    STX,
)
from bpfdoctor.machine.bits import U32_MAX, U64_MAX, signed
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.calls.dispatch import call
from bpfdoctor.machine.concrete.faults import CannotRun, Fault, FaultKind, Thrown, Touched
from bpfdoctor.machine.concrete.memory import WINDOW, MemoryRegion
from bpfdoctor.machine.concrete.process import Effect, Process
from bpfdoctor.machine.concrete.program import ImmKind, Instruction, Runnable
from bpfdoctor.machine.concrete.watch import Branch, Watch
from bpfdoctor.machine.concrete.world import World
from bpfdoctor.model.record import dataclass

STACK_SIZE, MOST_FRAMES = 512, 8
MOST_STEPS = 1_000_000  # as many as the verifier follows
_FUNCTIONS = 1 << 62  # addresses of functions, for callbacks: this plus the slot

# Modes and operations of an opcode (linux/bpf.h, linux/bpf_common.h)
_IMM, _IND = 0x00, 0x40
_CALL, _EXIT, _JA, _MAY_GOTO = 0x80, 0x90, 0x00, 0xE0
_MOV, _END, _NEG = 0xB0, 0xD0, 0x80


@dataclass(slots=True)
class Frame:
    """One function's registers and stack. `back` is the slot to go on at; -1 ends a run or a callback."""

    stack: MemoryRegion
    back: int = -1
    saved: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run came to: what it returned and did, or its fault. `slots` are those that it executed."""

    returned: int | None
    effects: tuple[Effect, ...]
    packet: bytes
    maps: dict[str, dict[bytes, bytes | None]]
    slots: frozenset[int]
    fault: Fault | None = None


def run(program: Runnable, world: World, watch: Watch | None = None) -> Ran:
    """One run to its end or its fault. Raises CannotRun."""
    return _Interpreter(program, world, watch).outcome()


class _Interpreter:
    def __init__(self, program: Runnable, world: World, watch: Watch | None) -> None:
        self.process = Process(program, world, self._call_back)
        self._watch = watch
        if watch is not None:
            watch.process = self.process
        self._code = program.decoded()
        self._frames: list[Frame] = []
        self._steps = 0
        self._slots: set[int] = set()

    def outcome(self) -> Ran:
        returned, fault = None, None
        process = self.process
        try:
            returned = self._execute(0, (process.context.region.base,))
            process.nothing_is_held()
        except Fault as error:
            fault = error
        except Thrown as thrown:
            returned = thrown.cookie
        return Ran(
            returned,
            tuple(process.effects),
            process.context.packet_bytes,
            {bpf_map.spec.name: bpf_map.state() for bpf_map in process.maps.values()},
            frozenset(self._slots),
            fault,
        )

    def _call_back(self, function: int, *arguments: int) -> int:
        slot = function - _FUNCTIONS
        if not 0 <= slot < len(self._code):
            raise Fault(FaultKind.ARGUMENT, "this is no function")
        return self._execute(slot, arguments)

    def _execute(self, start: int, arguments: tuple[int, ...]) -> int:
        regs: list[int | None] = [None] * 11
        for index, value in enumerate(arguments):
            regs[index + 1] = value
        self._enter(Frame(self._stack()), regs)
        depth = len(self._frames)
        code, at = self._code, start
        store = self.process.memory.store
        seen, watch = self._slots, self._watch
        wanted = watch.slot if watch is not None else -1
        try:
            while True:
                insn = code[at] if 0 <= at < len(code) else None
                if insn is None:
                    raise CannotRun("the program jumps out of its code")
                self._steps += 1
                if self._steps > MOST_STEPS:
                    raise Fault(FaultKind.ENDLESS, f"still running after {MOST_STEPS} steps")
                seen.add(at)
                if at == wanted and watch is not None:
                    watch.arrival(regs)
                opcode = insn.code
                kind = opcode & CLASS
                here, at = at, at + 1
                if kind in (ALU64, ALU):
                    regs[insn.dst] = self._computed(insn, regs, 64 if kind == ALU64 else 32)
                elif kind == LDX:
                    regs[insn.dst] = self._loaded(insn, self._is_set(regs, insn.src))
                elif kind in (STX, ST):
                    address = (self._is_set(regs, insn.dst) + insn.off) & U64_MAX
                    size = SIZES[opcode & SIZE]
                    if opcode & MODE == ATOMIC and kind == STX:
                        self._atomic(insn, regs, address, size)
                    else:
                        store(address, size, self._is_set(regs, insn.src) if kind == STX else insn.imm)
                elif kind == LD:
                    if opcode & MODE == _IMM:
                        regs[insn.dst] = self._wide(insn, here)
                        at += 1
                    elif not self._from_packet(insn, regs):
                        while len(self._frames) > depth:
                            self._leave(regs)
                        return 0
                elif kind == JMP and opcode & 0xF0 == _CALL:
                    if insn.src == PSEUDO_CALL:
                        self._enter(Frame(self._stack(), at, tuple(regs[6:11])), regs)
                        at = here + 1 + insn.imm
                    else:
                        given = tuple(regs[1:6])
                        regs[:6] = [None] * 6
                        regs[0] = call(self.process, insn, given)
                elif kind == JMP and opcode & 0xF0 == _EXIT:
                    # A function of the program may return nothing, to a caller that takes nothing.
                    ends = self._frames[-1].back < 0
                    returned = self._is_set(regs, 0) if ends else 0
                    frame = self._leave(regs)
                    if ends:
                        return returned
                    at = frame.back
                    regs[1:6] = [None] * 5
                elif opcode & 0xF0 == _JA:
                    at += insn.imm if kind == JMP32 else insn.off
                elif opcode & 0xF0 == _MAY_GOTO:
                    pass  # the kernel's patience is long; a run's steps end it
                else:
                    is_taken = self._is_taken(insn, regs, 64 if kind == JMP else 32)
                    if watch is not None:
                        right = self._is_set(regs, insn.src) if opcode & FROM_REGISTER else insn.imm
                        watch.branch(Branch(here, self._is_set(regs, insn.dst), right, is_taken))
                    at += insn.off if is_taken else 0
        except Fault as fault:
            if fault.pc < 0:
                fault.pc = here
            raise

    def _stack(self) -> MemoryRegion:
        if len(self._frames) >= MOST_FRAMES * 2:
            raise Fault(FaultKind.TOO_DEEP, f"more than {MOST_FRAMES} frames")
        stack = self.process.memory.add("stack", "stack", bytearray(STACK_SIZE))
        stack.unwritten = bytearray(b"\1" * STACK_SIZE)
        stack.origin = STACK_SIZE
        return stack

    def _enter(self, frame: Frame, regs: list[int | None]) -> None:
        self._frames.append(frame)
        regs[10] = frame.stack.base + STACK_SIZE

    def _leave(self, regs: list[int | None]) -> Frame:
        frame = self._frames.pop()
        frame.stack.is_alive = False
        if frame.saved:
            regs[6:11] = frame.saved
        return frame

    @staticmethod
    def _is_set(regs: list[int | None], number: int) -> int:
        value = regs[number]
        if value is None:
            raise Fault(FaultKind.UNWRITTEN, f"r{number}")
        return value

    # Instructions

    def _computed(self, insn: Instruction, regs: list[int | None], width: int) -> int:
        operation, mask = insn.code & 0xF0, U64_MAX if width == 64 else U32_MAX
        from_register = insn.code & FROM_REGISTER
        if operation == _END:
            return self._swapped(insn, self._is_set(regs, insn.dst), width)
        if operation == _NEG:
            return -self._is_set(regs, insn.dst) & mask
        operand = self._is_set(regs, insn.src) if from_register else insn.imm
        if operation == _MOV:
            if insn.off and from_register:
                if insn.off == 1:  # addr_space_cast
                    raise CannotRun("arenas")
                operand = signed(operand, insn.off)
            return operand & mask
        left, right = self._is_set(regs, insn.dst) & mask, operand & mask
        match operation:
            case 0x00:
                found = left + right
            case 0x10:
                found = left - right
            case 0x20:
                found = left * right
            case 0x30:
                found = _divided(left, right, width, insn.off == 1)
            case 0x40:
                found = left | right
            case 0x50:
                found = left & right
            case 0x60:
                found = left << (right & (width - 1))
            case 0x70:
                found = left >> (right & (width - 1))
            case 0x90:
                found = _remainder(left, right, width, insn.off == 1)
            case 0xA0:
                found = left ^ right
            case 0xC0:
                found = signed(left, width) >> (right & (width - 1))
            case _:
                raise CannotRun(f"opcode {insn.code:#x}")
        return found & mask

    @staticmethod
    def _swapped(insn: Instruction, value: int, width: int) -> int:
        size = insn.imm // 8
        data = (value & ((1 << insn.imm) - 1)).to_bytes(size, "little")
        swaps = width == 64 or bool(insn.code & 8)  # bswap, or to big-endian on a little-endian machine
        return int.from_bytes(data, "big" if swaps else "little")

    def _loaded(self, insn: Instruction, base: int) -> int:
        address, size = (base + insn.off) & U64_MAX, SIZES[insn.code & SIZE]
        region = self.process.context.region
        if address >> WINDOW == region.base >> WINDOW:
            pointer = self.process.context.pointer(address - region.base, size)
            if pointer is not None:
                return pointer
        self._is_ours(address, size)
        if self._watch is not None:
            self._watch.read(self.process, address, size)
        value = self.process.memory.load(address, size)
        if insn.code & MODE == MEMSX:
            value = signed(value, size * 8) & U64_MAX
        return value

    @staticmethod
    def _is_ours(address: int, size: int) -> None:
        """Memory that only probe_read may read. Raises Fault."""
        if context.kind_of_window(address >> WINDOW) in ("kernel", "user"):
            touched = Touched("memory of others", "", address, size, 0)
            raise Fault(FaultKind.NOT_AN_ADDRESS, "an address that the program may not follow", touched)

    def _is_taken(self, insn: Instruction, regs: list[int | None], width: int) -> bool:
        mask = U64_MAX if width == 64 else U32_MAX
        left = self._is_set(regs, insn.dst) & mask
        right = (self._is_set(regs, insn.src) if insn.code & FROM_REGISTER else insn.imm) & mask
        if left >> WINDOW != right >> WINDOW and left >> WINDOW and right >> WINDOW:
            self.process.memory.are_comparable(left, right)
        match insn.code & 0xF0:
            case 0x10:
                return left == right
            case 0x20:
                return left > right
            case 0x30:
                return left >= right
            case 0x40:
                return left & right != 0
            case 0x50:
                return left != right
            case 0x60:
                return signed(left, width) > signed(right, width)
            case 0x70:
                return signed(left, width) >= signed(right, width)
            case 0xA0:
                return left < right
            case 0xB0:
                return left <= right
            case 0xC0:
                return signed(left, width) < signed(right, width)
            case 0xD0:
                return signed(left, width) <= signed(right, width)
        raise CannotRun(f"opcode {insn.code:#x}")

    def _atomic(self, insn: Instruction, regs: list[int | None], address: int, size: int) -> None:
        operation, mask = insn.imm & 0xFFFF, (1 << (8 * size)) - 1
        if operation == 0x100:  # load-acquire: the address is the source's
            regs[insn.dst] = self.process.memory.load(
                (self._is_set(regs, insn.src) + insn.off) & U64_MAX, size
            )
            return
        value = self._is_set(regs, insn.src)
        if operation == 0x110:
            self.process.memory.store(address, size, value)
            return
        old = self.process.memory.load(address, size)
        match operation & ~1:
            case 0x00:
                new = old + value
            case 0x40:
                new = old | value
            case 0x50:
                new = old & value
            case 0xA0:
                new = old ^ value
            case 0xE0:
                new = value
            case 0xF0:
                new = value if old == self._is_set(regs, 0) & mask else old
                regs[0] = old
            case _:
                raise CannotRun(f"atomic operation {operation:#x}")
        self.process.memory.store(address, size, new)
        if operation & 1 and operation & ~1 != 0xF0:
            regs[insn.src] = old

    def _wide(self, insn: Instruction, here: int) -> int:
        match insn.src:
            case ImmKind.NUMBER:
                return insn.wide
            case ImmKind.MAP if insn.imm in self.process.maps:
                return self.process.maps[insn.imm].handle.base
            case ImmKind.MAP_VALUE if insn.imm in self.process.maps:
                return (self.process.maps[insn.imm].values().base + insn.next_imm) & U64_MAX
            case ImmKind.FUNCTION:
                return _FUNCTIONS + here + 1 + insn.imm
            case ImmKind.BTF:
                return context.typed_address(self.process.world, f"variable {insn.imm}")
        raise CannotRun(f"a 64-bit value of kind {insn.src}")

    def _from_packet(self, insn: Instruction, regs: list[int | None]) -> bool:
        """LD_ABS and LD_IND: big-endian, from the packet; False ends the program."""
        start = insn.imm + (self._is_set(regs, insn.src) & U32_MAX if insn.code & MODE == _IND else 0)
        size, packet = SIZES[insn.code & SIZE], self.process.context.packet_bytes
        regs[1:6] = [None] * 5
        if not 0 <= start <= len(packet) - size:
            return False
        regs[0] = int.from_bytes(packet[start : start + size], "big")
        return True


def _divided(left: int, right: int, width: int, is_signed: bool) -> int:
    if not right:
        return 0
    if not is_signed:
        return left // right
    a, b = signed(left, width), signed(right, width)
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(left: int, right: int, width: int, is_signed: bool) -> int:
    if not right:
        return left
    if not is_signed:
        return left % right
    a, b = signed(left, width), signed(right, width)
    return abs(a) % abs(b) * (-1 if a < 0 else 1)
