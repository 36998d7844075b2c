"""Walks a function's instructions once: what registers and stack slots hold, and which bytes were ever set.

Only what holds on every way to an instruction is known of a value; a byte counts as set when it is set on
any. So what is said to be unset, unchecked or of user space is so wherever the program comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bpfdoctor.formats.core_relocations import Asks
from bpfdoctor.kernel import helpers
from bpfdoctor.kernel.from_headers import kernels_own
from bpfdoctor.kernel.helpers import Helper
from bpfdoctor.kernel.instructions import (
    ALU,
    ALU64,
    ATOMIC,
    CALL,
    CLASS,
    EXIT,
    FROM_REGISTER,
    JA,
    JA32,
    JMP,
    JMP32,
    LD_IMM64,
    LDX,
    MEM,
    MODE,
    MOV64_REG,
    SIZE,
    SIZES,
    ST,
    STX,
)
from bpfdoctor.lints.known import (
    EVERY_BYTE,
    Context,
    Found,
    Map,
    Memory,
    Returned,
    Shift,
    Stack,
    State,
    Value,
    join,
    moved,
    put,
    written,
)
from bpfdoctor.machine.bits import signed
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.preflight.needs.code import Code, Coded
from bpfdoctor.preflight.needs.core import essential
from bpfdoctor.source.layout import Block

_ADD, _SUB, _MOV = 0x00, 0x10, 0xB0
_EQUAL, _NOT_EQUAL = 0x10, 0x50
_MOST = 100_000  # steps of a function; of a larger one nothing is said


#: (field of the context, its bytes) to what is there
OfContext = Callable[[int, int], Memory | None]


@dataclass(frozen=True, slots=True)
class HelperCall:
    """A call of a helper, and what is known before it."""

    insn: Coded
    helper: Helper
    state: State

    def argument(self, number: int) -> Value:
        return self.state.registers[number]


@dataclass(slots=True)
class Seen:
    """What a walk came by."""

    calls: list[HelperCall]
    unchecked: dict[int, Coded]  # look-up -> the first access that no test of it stands before
    used: set[int]  # calls whose result something is done with
    looked_up: dict[int, Found]


def walk(code: Code, block: Block, of_context: OfContext) -> Seen | None:
    """None for a function that is too large."""
    return _Walk(code, block, of_context).run()


class _Walk:
    def __init__(self, code: Code, block: Block, of_context: OfContext) -> None:
        self._code, self._of_context = code, of_context
        self._insns = {insn.at[1]: insn for insn in code.insns(block)}
        self._start = block.start
        self._own = dict(code.callees(block))
        self._helpers: Mapping[int, Helper] = helpers.by_id()
        self._calls: dict[int, HelperCall] = {}
        self._seen = Seen([], {}, set(), {})

    def run(self) -> Seen | None:
        first = State([None, Context(0), *[None] * 8, Stack(0)], {}, 0)
        states, waiting = {self._start: first}, [self._start]
        for _ in range(_MOST):
            if not waiting:
                break
            at = waiting.pop()
            insn = self._insns.get(at)
            if insn is None:
                continue
            for target, after in self._after(insn, states[at].copy()):
                before = states.get(target)
                if before is None:
                    states[target] = after
                    waiting.append(target)
                elif join(before, after):
                    waiting.append(target)
        else:
            return None
        self._seen.calls = [self._calls[at] for at in sorted(self._calls)]
        return self._seen

    def _after(self, insn: Coded, state: State) -> list[tuple[int, State]]:
        here, kind = insn.at[1], insn.opcode & CLASS
        registers, following = state.registers, here + (2 if insn.opcode == LD_IMM64 else 1)
        if insn.opcode == EXIT:
            self._use(registers[0])
            return []
        if insn.opcode in (JA, JA32):
            return [(here + 1 + (insn.off if insn.opcode == JA else insn.imm), state)]
        if insn.opcode == CALL or insn.opcode == CALL | FROM_REGISTER:
            self._call(insn, state)
        elif kind in (JMP, JMP32):
            return self._branch(insn, state, here, following)
        elif insn.opcode == LD_IMM64:
            registers[insn.dst] = self._wide(insn)
        elif kind in (ALU, ALU64):
            self._calculate(insn, state, kind)
        elif kind == LDX:
            registers[insn.dst] = self._loaded(insn, state)
        elif kind in (ST, STX):
            self._store(insn, state, kind)
        else:
            registers[0:6] = [None] * 6  # an old load of the packet
        return [(following, state)]

    def _branch(self, insn: Coded, state: State, here: int, following: int) -> list[tuple[int, State]]:
        left = state.registers[insn.dst]
        self._use(left)
        if insn.opcode & FROM_REGISTER:
            self._use(state.registers[insn.src])
        taken, passed = state, state.copy()
        operation = insn.opcode & 0xF0
        is_test = operation in (_EQUAL, _NOT_EQUAL) and not insn.opcode & FROM_REGISTER and insn.imm == 0
        if isinstance(left, Found) and is_test:
            there, not_there = (passed, taken) if operation == _EQUAL else (taken, passed)
            put(there, left, replace(left, checked=True))
            put(not_there, left, 0)
        elif isinstance(left, Found):  # compared otherwise: what that tells is not known
            put(taken, left, None)
            put(passed, left, None)
        return [(here + 1 + insn.off, taken), (following, passed)]

    def _wide(self, insn: Coded) -> Value:
        symbol = insn.symbol
        if symbol is None:
            return insn.wide if not insn.src else None
        if symbol.section is not None and self._code.elf.names[symbol.section] in (".maps", "maps"):
            return Map(symbol.name)
        return None

    def _calculate(self, insn: Coded, state: State, kind: int) -> None:
        registers, operation = state.registers, insn.opcode & 0xF0
        operand = registers[insn.src] if insn.opcode & FROM_REGISTER else signed(insn.imm & 0xFFFFFFFF, 32)
        left = registers[insn.dst]
        value: Value = None
        if insn.opcode == MOV64_REG and not insn.off:
            value = operand
        elif operation == _MOV:
            if kind == ALU64 and not insn.opcode & FROM_REGISTER:
                value = insn.imm
            elif isinstance(operand, int) and not insn.off:
                value = operand & 0xFFFFFFFF
        elif kind == ALU64 and operation in (_ADD, _SUB) and isinstance(operand, int):
            value = moved(left, operand if operation == _ADD else -operand)
        if insn.relocation is not None and insn.relocation.asks is Asks.FIELD_OFFSET:
            member = self._member(insn.relocation.type)
            if member is not None and operation == _MOV:
                value = Shift(member)
            elif member is not None and operation == _ADD and left is None:
                value = member
        elif kind == ALU64 and operation == _ADD and isinstance(operand, Shift):
            value = left if isinstance(left, Memory) else operand.to if left is None else None
        elif kind == ALU64 and operation == _ADD and isinstance(left, Shift):
            value = operand if isinstance(operand, Memory) else left.to if operand is None else None
        elif kind == ALU64 and operation == _ADD and isinstance(left, Found) and operand is None:
            value = left  # somewhere in the same value
        if value is None or isinstance(left, Returned):
            self._use(left if operation != _MOV else None)
            if operation != _MOV or value is None:
                self._use(operand)
        registers[insn.dst] = value

    def _member(self, id: int) -> Memory | None:
        """The address of a member that CO-RE looks up in a structure of the kernel's own."""
        btf = self._code.btf
        name = essential(btf.name(btf.resolve(id))) if btf is not None else ""
        own = name.removeprefix("struct ")
        return Memory(False, f"a member of {name}") if own in kernels_own() else None

    def _loaded(self, insn: Coded, state: State) -> Value:
        base = state.registers[insn.src]
        size = SIZES[insn.opcode & SIZE]
        self._access(base, insn)
        if isinstance(base, Stack) and size == 8 and insn.opcode & MODE == MEM:
            return state.slots.get(base.offset + insn.off)
        if isinstance(base, Context):
            return self._of_context(base.offset + insn.off, size)
        return None

    def _store(self, insn: Coded, state: State, kind: int) -> None:
        base, size = state.registers[insn.dst], SIZES[insn.opcode & SIZE]
        value: Value = state.registers[insn.src] if kind == STX else insn.imm
        self._access(base, insn)
        is_plain = insn.opcode & MODE == MEM
        if not isinstance(base, Stack) or not is_plain:
            self._use(value)
        if isinstance(base, Stack):
            written(state, base.offset + insn.off, size)
            if size == 8 and is_plain and (base.offset + insn.off) % 8 == 0:
                state.slots[base.offset + insn.off] = value
        elif base is None and isinstance(value, Stack):
            state.set = EVERY_BYTE  # somebody else may write through it
        if kind == STX and insn.opcode & MODE == ATOMIC:
            state.registers[0 if insn.imm == 0xF1 else insn.src] = None
        if isinstance(value, Returned) and (size < 8 or not isinstance(base, Stack)):
            self._use(value)

    def _access(self, base: Value, insn: Coded) -> None:
        if isinstance(base, Found) and not base.checked:
            self._seen.unchecked.setdefault(base.at, insn)
        self._use(base)

    def _use(self, value: Value) -> None:
        if isinstance(value, Returned):
            self._seen.used |= value.at

    def _call(self, insn: Coded, state: State) -> None:
        registers, here = state.registers, insn.at[1]
        helper = self._helpers.get(insn.imm) if insn.src == 0 and insn.symbol is None else None
        for each in registers[1:6]:
            self._use(each)
        if helper is None:
            if any(isinstance(each, Stack) for each in registers[1:6]):
                state.set, state.slots = EVERY_BYTE, {}
            registers[0:6] = [None] * 6
            return
        if here not in self._calls:
            self._calls[here] = HelperCall(insn, helper, state.copy())
        else:
            join(self._calls[here].state, state)
        target, source, length = registers[1], registers[3], registers[2]
        self._written_by(helper, state)
        if helper.name == "bpf_probe_read_kernel" and isinstance(target, Stack) and length == 8:
            state.slots[target.offset] = source.holds if isinstance(source, Memory) else None
        returned: Value = Returned(frozenset({here}))
        if helper.name == "bpf_map_lookup_elem":
            map = registers[1]
            returned = Found(here, map.name if isinstance(map, Map) else None)
            self._seen.looked_up[here] = returned
        elif helper.name == "bpf_get_current_task":
            returned = Memory(False, "bpf_get_current_task's task_struct")
        registers[0:6] = [returned, *[None] * 5]

    def _written_by(self, helper: Helper, state: State) -> None:
        """What a helper may write of the stack: its buffers; everything, where it calls a function back."""
        if any("FUNC" in kind for kind in helper.args):
            state.set, state.slots = EVERY_BYTE, {}
            return
        for number in helper.written:
            base = state.registers[number] if number < 6 else None
            if not isinstance(base, Stack):
                continue
            is_sized = number < len(helper.args) and "SIZE" in helper.args[number]
            size = state.registers[number + 1] if is_sized else None
            whole = size if isinstance(size, int) and size > 0 else -base.offset
            written(state, base.offset, whole)
