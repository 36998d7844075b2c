"""From an instruction's number in a verifier log to its place in the object file.

The verifier numbers the instructions of the *linked* program. libbpf puts the entry function first and
appends each function of .text after it when it meets the first call (or address) of it, depth first
(bpf_object__reloc_code in libbpf.c).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.elf import FUNC, OBJECT, Elf, Relocation, Symbol
from bpfdoctor.kernel.instructions import (
    ADD64_IMM,
    BYTES,
    CALL,
    EXIT,
    FRAME_POINTER,
    JA,
    JA32,
    LD_IMM64,
    MOV64_REG,
    PSEUDO_CALL,
)
from bpfdoctor.kernel.limits import OBJECT_NAME
from bpfdoctor.model.record import dataclass

_MOST_FUNCTIONS = 10_000
_DATA = (".rodata", ".data", ".bss")  # and .rodata.str1.1, .data.rel.ro …


@dataclass(frozen=True, slots=True)
class Block:
    """A function of a section. `start` and `count` are instructions; LD_IMM64 counts as two."""

    name: str
    section: str
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Spot:
    """An instruction of the object: `insn` counts from the start of the section."""

    section: str
    insn: int
    function: str


class Layout:
    """The functions of one object, linked as libbpf links them."""

    def __init__(self, elf: Elf, btf: Btf | None = None) -> None:
        self._elf = elf
        self._btf = btf
        self._text = elf.index(".text")
        self._linked: dict[str, tuple[tuple[int, Block], ...]] = {}
        self._code: dict[int, bytes] = {}
        self._patched: dict[int, dict[int, Relocation]] = {}

    @cached_property
    def _blocks(self) -> dict[int, tuple[Block, ...]]:
        """Functions by section index, in the order of their addresses."""
        found: dict[int, list[Block]] = {}
        for symbol in self._elf.symbols:
            if symbol.kind == FUNC and symbol.section is not None and symbol.size >= BYTES:
                section = self._elf.names[symbol.section]
                block = Block(symbol.name, section, symbol.value // BYTES, symbol.size // BYTES)
                found.setdefault(symbol.section, []).append(block)
        return {index: tuple(sorted(blocks, key=lambda b: b.start)) for index, blocks in found.items()}

    @cached_property
    def programs(self) -> tuple[Block, ...]:
        """What libbpf takes for programs: every function outside .text, or the only one there is."""
        outside = [b for index, blocks in self._blocks.items() if index != self._text for b in blocks]
        inside = self._blocks.get(self._text, ()) if self._text is not None else ()
        return tuple(outside) or (inside if len(inside) == 1 else ())

    def program(self, name: str | None = None, section: str | None = None) -> Block | None:
        """A program by name (also cut to the kernel's 15 characters), else the only one there is."""
        named = [b for b in self.programs if b.name == name]
        if not named and name and len(name) == OBJECT_NAME:
            named = [b for b in self.programs if b.name.startswith(name)]
        if name is None:
            named = [b for b in self.programs if section is None or b.section == section]
        return named[0] if len(named) == 1 else None

    def linked(self, program: Block) -> tuple[tuple[int, Block], ...]:
        """(first instruction number in the log, function) of everything that is loaded with a program."""
        if program.name not in self._linked:
            self._linked[program.name] = tuple(self._link(program))
        return self._linked[program.name]

    def spot(self, program: Block, insn: int) -> Spot | None:
        """Where instruction `insn` of the log lies in the object; None when the program is not that long."""
        linked = self.linked(program)
        at = bisect_right([start for start, _ in linked], insn) - 1
        if at < 0:
            return None
        start, block = linked[at]
        offset = insn - start
        return Spot(block.section, block.start + offset, block.name) if offset < block.count else None

    def opcode(self, spot: Spot) -> int | None:
        """The instruction's first byte, to see whether a log is of this object at all."""
        index = self._elf.index(spot.section)
        code = self._bytes(index) if index is not None else b""
        return code[spot.insn * BYTES] if spot.insn * BYTES < len(code) else None

    def _bytes(self, section: int) -> bytes:
        if section not in self._code:
            self._code[section] = self._elf.data(section)
        return self._code[section]

    def _relocation(self, section: int, insn: int) -> Relocation | None:
        if section not in self._patched:
            relocations = self._elf.relocations(section)
            self._patched[section] = {relocation.offset // BYTES: relocation for relocation in relocations}
        return self._patched[section].get(insn)

    def _link(self, program: Block) -> list[tuple[int, Block]]:
        placed: dict[Block, int] = {program: 0}
        end = program.count
        stack = [(program, self._called(program))]
        entries = [program]
        callback = self._exception_callback(program)
        while stack or callback:
            if not stack:  # libbpf appends the exception callback after everything that is called
                following, callback = callback, None
            else:
                following = next(stack[-1][1], None)
                if following is None:
                    stack.pop()
                    continue
            if following is None or following in placed or len(placed) > _MOST_FUNCTIONS:
                continue
            placed[following] = end
            end += following.count
            entries.append(following)
            stack.append((following, self._called(following)))
        return [(placed[block], block) for block in entries]

    def _exception_callback(self, program: Block) -> Block | None:
        id = self._btf.functions.get(program.name) if self._btf else None
        for tag in self._btf.tags(id) if self._btf and id is not None else ():
            kind, _, name = tag.partition(":")
            if kind == "exception_callback":
                return next((b for b in self._blocks.get(self._text or 0, ()) if b.name == name), None)
        return None

    def _insns(self, block: Block) -> Iterator[tuple[int, int, int, int, int, int]]:
        """(index in the section, opcode, dst, src, off, imm) of a function's instructions."""
        section = self._elf.index(block.section)
        code = self._bytes(section) if section is not None else b""
        layout = struct.Struct("<BBhi" if self._elf.little else ">BBhi")
        insn, end = block.start, min(block.start + block.count, len(code) // BYTES)
        while insn < end:
            opcode, registers, off, imm = layout.unpack_from(code, insn * BYTES)
            low, high = registers & 0xF, registers >> 4
            dst, src = (low, high) if self._elf.little else (high, low)
            yield insn, opcode, dst, src, off, imm
            insn += 2 if opcode == LD_IMM64 else 1

    def _called(self, block: Block) -> Iterator[Block]:
        """Functions of .text that a function calls or takes the address of, in order."""
        return (callee for _, callee in self._calls(block))

    def _calls(self, block: Block) -> Iterator[tuple[int, Block]]:
        """The same with the instructions that do so."""
        section = self._elf.index(block.section)
        if section is None or self._text is None:
            return
        for insn, opcode, _, src, _, imm in self._insns(block):
            target = self._target(section, insn, opcode, src, imm)
            callee = self._function_at(target) if target is not None else None
            if callee is not None:
                yield insn, callee

    def chains(self, program: Block, deepest: int, most: int = 1000) -> Iterator[tuple[Block, ...]]:
        """Functions that can be active at the same time, the program first; at most `most` of the chains."""
        waiting: list[tuple[Block, ...]] = [(program,)]
        for _ in range(most):
            if not waiting:
                return
            chain = waiting.pop()
            yield chain
            if len(chain) < deepest:
                waiting.extend((*chain, called) for called in set(self._called(chain[-1])) - set(chain))

    def open_ends(self, program: Block) -> Iterator[int]:
        """The last instructions of functions that neither end nor jump there, as the log counts them."""
        for at, block in self.linked(program):
            *_, last = self._insns(block)
            if last[1] not in (EXIT, JA, JA32):
                yield at + last[0] - block.start

    def calls(self, program: Block) -> Iterator[tuple[int, str, str]]:
        """(instruction as the log counts them, caller, callee) of every call within the object."""
        for at, block in self.linked(program):
            for insn, called in self._calls(block):
                yield at + insn - block.start, block.name, called.name

    def unresolved(self, program: Block) -> Iterator[tuple[int, str]]:
        """(instruction as the log counts them, name) of every call of what the object does not contain."""
        for at, block in self.linked(program):
            section = self._elf.index(block.section)
            for insn, opcode, *_ in self._insns(block) if section is not None else ():
                relocation = (
                    self._relocation(section, insn) if opcode == CALL and section is not None else None
                )
                if relocation is not None and relocation.symbol.section is None and relocation.symbol.name:
                    yield at + insn - block.start, relocation.symbol.name

    def unfilled(self, program: Block) -> Iterator[tuple[int, str, int, bytes]]:
        """The addresses of data that a program asks for, which a loader has to fill in.

        (instruction as the log counts them, variable or section, offset that stands there, what lies at it)
        """
        for at, block in self.linked(program):
            section = self._elf.index(block.section)
            for insn, opcode, _, _, _, imm in self._insns(block) if section is not None else ():
                relocation = self._relocation(section, insn) if opcode == LD_IMM64 and section else None
                symbol = relocation.symbol if relocation is not None else None
                name = self._elf.names[symbol.section] if symbol is not None and symbol.section else ""
                if symbol is not None and name.startswith(_DATA):
                    start = symbol.value + max(imm, 0)
                    yield at + insn - block.start, self._at(symbol, start), imm, self._elf.data(name)[start:]

    def _at(self, symbol: Symbol, start: int) -> str:
        """The variable that lies there in the symbol's section; the section's name where none does."""
        alike = [each for each in self._elf.symbols if each.section == symbol.section and each.kind == OBJECT]
        known = [each.name for each in alike if each.value <= start < each.value + max(each.size, 1)]
        return known[0] if known else self._elf.names[symbol.section or 0]

    def stack_size(self, block: Block) -> int:
        """Bytes of stack the function uses: the lowest address that its instructions form from r10."""
        lowest = 0
        copies: set[int] = set()  # registers that are r10 until something is added to them
        for _, opcode, dst, src, off, imm in self._insns(block):
            kind = opcode & 7
            if (kind == 1 and src == FRAME_POINTER) or (kind in (2, 3) and dst == FRAME_POINTER):
                lowest = min(lowest, off)
            if opcode == MOV64_REG and src == FRAME_POINTER:
                copies.add(dst)
            elif opcode == ADD64_IMM and dst in copies:
                lowest = min(lowest, imm)
                copies.discard(dst)
            elif kind in (0, 1, 4, 7):  # anything else that writes the register
                copies.discard(dst)
        return (-lowest + 7) // 8 * 8

    def _target(self, section: int, insn: int, opcode: int, source: int, imm: int) -> int | None:
        """The instruction of .text that a call or LD_IMM64 names; None when it names no function of ours."""
        if opcode not in (CALL, LD_IMM64):
            return None
        relocation = self._relocation(section, insn)
        if relocation is None:  # a call inside one section needs none
            inside = opcode == CALL and source == PSEUDO_CALL and section == self._text
            return insn + imm + 1 if inside else None
        symbol = relocation.symbol
        if symbol.section != self._text or symbol.section is None:
            return None  # a map, a variable, a kfunc
        start = symbol.value // BYTES
        return start + imm + 1 if opcode == CALL else start + imm // BYTES

    def _function_at(self, insn: int) -> Block | None:
        blocks = self._blocks.get(self._text, ()) if self._text is not None else ()
        at = bisect_right([b.start for b in blocks], insn) - 1
        if at < 0 or insn >= blocks[at].start + blocks[at].count:
            return None
        return blocks[at]
