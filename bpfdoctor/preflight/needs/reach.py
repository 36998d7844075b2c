"""Which instructions of a program a kernel walks: branches on what it lacks, and on constants, are folded.

The verifier does not look at what it knows not to run: a call under `if (bpf_ksym_exists(f))`, or under
`if (debug)` where `debug` is constant. Here as little is known as can be without running the program:
numbers in registers, and what is read from constant data. So whatever is left out is left out by the
verifier, too, and it may leave out more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

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
    SIZE,
    SIZES,
    STX,
)
from bpfdoctor.machine.bits import U32_MAX, U64_MAX, calculate, signed
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.preflight.needs.code import Code, Coded, Spot
from bpfdoctor.source.layout import Block

_OPERATORS = {
    0x00: "+=", 0x10: "-=", 0x20: "*=", 0x40: "|=", 0x50: "&=", 0x60: "<<=", 0x70: ">>=", 0xA0: "^=",
    0xC0: "s>>=",
}  # fmt: skip
_MOV = 0xB0
_MOST = 200_000  # steps: what takes more is taken for reached as a whole


@dataclass(frozen=True, slots=True)
class Address:
    """Into data of the object, or of a variable of the kernel's: `where` is the section or the name."""

    where: str
    offset: int


#: A number, an address, or None for what is not known. SOMETHING is not known, and not zero.
SOMETHING = "something"
Value = int | Address | str | None
#: (section, offset, size) of constant data
Constant = tuple[str, int, int]
_Registers = tuple[Value, ...]
_UNKNOWN: _Registers = (None,) * 11


@dataclass(frozen=True, slots=True)
class Provided:
    """What a kernel puts into a program: if it has a kfunc or variable, its settings, what CO-RE answers."""

    symbol: Callable[[str], bool | None]
    constant: Callable[[str], int | None]
    relocated: Callable[[Coded], int | None]
    #: whether constants of the object are what they are in it; a loader may set them
    fixed: bool = True
    #: (section, offset) of those that are not known all the same
    free: frozenset[tuple[str, int]] = frozenset()


#: An object as it is, of which no kernel is asked; and one whose constants a loader may set.
AS_IT_IS = Provided(lambda _: None, lambda _: None, lambda _: None)
AS_A_LOADER_MAY_SET_IT = replace(AS_IT_IS, fixed=False)


@dataclass(frozen=True, slots=True)
class Reached:
    """The instructions of a program and of the functions it calls, and what it can return."""

    spots: frozenset[Spot]
    results: frozenset[Value]
    constants: Mapping[Constant, Spot]  # that are read, and the first instruction that does


def reached(code: Code, program: Block, provided: Provided) -> frozenset[Spot]:
    """The instructions of a program and of the functions it calls."""
    return walked(code, program, provided).spots


def walked(code: Code, program: Block, provided: Provided) -> Reached:
    """The same, and what else is seen on the way."""
    walk = _Walk(code, provided)
    spots = frozenset(walk.all_of(program))
    results = frozenset(walk.results[program]) if program in walk.results else frozenset([None])
    return Reached(spots, results, walk.constants)


class _Walk:
    def __init__(self, code: Code, provided: Provided) -> None:
        self._code, self._provided = code, provided
        self._called: list[Block] = []
        self.results: dict[Block, set[Value]] = {}
        self.constants: dict[Constant, Spot] = {}

    def all_of(self, program: Block) -> Iterator[Spot]:
        linked = {block for _, block in self._code.layout.linked(program)}
        waiting, done = [program], set[Block]()
        while waiting:
            block = waiting.pop()
            if block in done:
                continue
            done.add(block)
            yield from self._of(block)
            waiting += (each for each in self._called if each in linked)
            self._called = []

    def _of(self, block: Block) -> Iterator[Spot]:
        insns = self._code.insns(block)
        at = {insn.at[1]: number for number, insn in enumerate(insns)}
        callees = dict(self._code.callees(block))
        states: dict[int, _Registers] = {0: (*_UNKNOWN[:10], SOMETHING)} if insns else {}
        waiting = list(states)
        for _ in range(_MOST):
            if not waiting:
                break
            number = waiting.pop()
            insn = insns[number]
            if callee := callees.get(insn.at[1]):
                self._called.append(callee)
            for target, registers in self._after(insn, states[number]):
                following = at.get(target)
                if following is None:
                    continue
                before = states.get(following)
                joined = registers if before is None else _joined(before, registers)
                if joined != before:
                    states[following] = joined
                    waiting.append(following)
        else:
            self._called += callees.values()
            yield from (insn.at for insn in insns)
            return
        yield from (insns[number].at for number in states)
        self.results[block] = {
            registers[0] for number, registers in states.items() if insns[number].opcode == EXIT
        }

    def _after(self, insn: Coded, registers: _Registers) -> Iterator[tuple[int, _Registers]]:
        """(instruction that may be next, registers then)."""
        here, kind = insn.at[1], insn.opcode & CLASS
        following = here + (2 if insn.opcode == LD_IMM64 else 1)
        if insn.opcode == EXIT:
            return
        if insn.opcode in (JA, JA32):
            yield here + 1 + (insn.off if insn.opcode == JA else insn.imm), registers
        elif insn.opcode == CALL or insn.opcode == CALL | FROM_REGISTER:
            yield following, (*_UNKNOWN[:6], *registers[6:])
        elif kind in (JMP, JMP32):
            taken = self._taken(insn, registers, 64 if kind == JMP else 32)
            if taken is not False:
                yield here + 1 + insn.off, registers
            if taken is not True:
                yield following, registers
        else:
            dst = self._written(insn, kind)
            if dst is not None:
                value = self._value(insn, registers, kind)
                registers = (*registers[:dst], value, *registers[dst + 1 :])
            yield following, registers

    @staticmethod
    def _written(insn: Coded, kind: int) -> int | None:
        """The register that an instruction that does not jump writes."""
        if kind == STX and insn.opcode & MODE == ATOMIC and insn.imm & 1:
            return 0 if insn.imm == 0xF1 else insn.src  # cmpxchg
        return insn.dst if kind in (ALU, ALU64, LDX) or insn.opcode == LD_IMM64 else None

    def _value(self, insn: Coded, registers: _Registers, kind: int) -> Value:
        if insn.relocation is not None:
            return self._provided.relocated(insn)
        if insn.opcode == LD_IMM64:
            return self._wide(insn)
        if kind == LDX:
            return self._loaded(insn, registers[insn.src])
        if kind not in (ALU, ALU64):
            return None
        width = 64 if kind == ALU64 else 32
        operand = (
            registers[insn.src]
            if insn.opcode & FROM_REGISTER
            else insn.imm & (U64_MAX if width == 64 else U32_MAX)
        )
        operation, left = insn.opcode & 0xF0, registers[insn.dst]
        if operation == _MOV:
            if insn.off:
                return None
            return (
                operand & U32_MAX
                if isinstance(operand, int) and width == 32
                else operand
                if width == 64
                else None
            )
        operator = _OPERATORS.get(operation)
        if operator is None or not isinstance(operand, int):
            return None
        if isinstance(left, Address) and width == 64 and operator == "+=":
            return Address(left.where, left.offset + signed(operand))
        return calculate(operator, left, operand, width) if isinstance(left, int) else None

    def _wide(self, insn: Coded) -> Value:
        symbol = insn.symbol
        if symbol is None:
            return insn.wide if not insn.src else SOMETHING
        if symbol.section is not None:
            name = self._code.elf.names[symbol.section]
            is_data = name.startswith((".rodata", ".data", ".bss"))
            return Address(name, symbol.value + insn.imm) if is_data else SOMETHING
        if self._code.externs.get(symbol.name) == ".kconfig":
            return Address(symbol.name, 0)
        return (
            0 if self._provided.symbol(symbol.name) is False and symbol.name in self._code.weak else SOMETHING
        )

    def _loaded(self, insn: Coded, base: Value) -> Value:
        if not isinstance(base, Address) or insn.opcode & MODE != MEM:
            return None
        if not base.where.startswith("."):
            return self._provided.constant(base.where)
        size, start = SIZES[insn.opcode & SIZE], base.offset + insn.off
        data = self._code.elf.data(base.where)
        if (
            not self._provided.fixed
            or not base.where.startswith(".rodata")
            or not 0 <= start <= len(data) - size
        ):
            return None
        self.constants.setdefault((base.where, start, size), insn.at)
        if (base.where, start) in self._provided.free:
            return None
        return int.from_bytes(data[start : start + size], "little" if self._code.elf.little else "big")

    @staticmethod
    def _taken(insn: Coded, registers: _Registers, width: int) -> bool | None:
        operation, left = insn.opcode & 0xF0, registers[insn.dst]
        right: Value = registers[insn.src] if insn.opcode & FROM_REGISTER else insn.imm
        if left is None or not isinstance(right, int):
            return None
        if not isinstance(left, int):  # an address: it is known that it is not zero
            return {0x10: False, 0x50: True}.get(operation) if right == 0 and width == 64 else None
        mask = U64_MAX if width == 64 else U32_MAX
        a, b = left & mask, right & mask
        c, d = signed(a, width), signed(b, width)
        match operation:
            case 0x10:
                return a == b
            case 0x50:
                return a != b
            case 0x20:
                return a > b
            case 0x30:
                return a >= b
            case 0xA0:
                return a < b
            case 0xB0:
                return a <= b
            case 0x40:
                return a & b != 0
            case 0x60:
                return c > d
            case 0x70:
                return c >= d
            case 0xC0:
                return c < d
            case 0xD0:
                return c <= d
        return None


def _joined(one: _Registers, other: _Registers) -> _Registers:
    """What is known on both paths."""
    return tuple(
        a if a == b else SOMETHING if _is_something(a) and _is_something(b) else None
        for a, b in zip(one, other, strict=True)
    )


def _is_something(value: Value) -> bool:
    return isinstance(value, Address | str) or (isinstance(value, int) and value != 0)
