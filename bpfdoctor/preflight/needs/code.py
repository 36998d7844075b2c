"""The instructions of an object's programs, each with what its relocation names."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cached_property, lru_cache

from bpfdoctor.formats import core_relocations
from bpfdoctor.formats.btf import DATASEC, VAR
from bpfdoctor.formats.btf_ext import BtfExt, LineInfo
from bpfdoctor.formats.core_relocations import CoreRelocation
from bpfdoctor.formats.elf import Elf, Symbol
from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.kernel.instructions import BYTES, CALL, FRAME_POINTER, LD_IMM64, PSEUDO_CALL
from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.model.record import dataclass
from bpfdoctor.source.layout import Block, Layout

_TEXT = ".text"
_SYMBOL_SIZE, _INFO_AT, _WEAK = 24, 4, 2  # of an Elf64_Sym: where st_info is, whose upper half is the binding

#: (section, instruction in it)
Spot = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Coded:
    """One instruction. `symbol` is what its relocation names, `relocation` what it asks of kernel types."""

    at: Spot
    opcode: int
    dst: int
    src: int
    off: int
    imm: int
    wide: int  # of LD_IMM64: all 64 bits
    symbol: Symbol | None
    relocation: CoreRelocation | None


@lru_cache(maxsize=2)
def code_of(data: bytes) -> Code | None:
    """An object's programs, read once for all of them; None for what is no ELF file."""
    elf = Elf.read(data)
    return Code(elf) if elf is not None else None


class Code:
    """An object's programs."""

    def __init__(self, elf: Elf) -> None:
        self.elf, self.btf = elf, _types(elf)
        self.layout = Layout(elf, self.btf)
        self._named: dict[str, dict[int, Symbol]] = {}
        self._read: dict[Block, tuple[Coded, ...]] = {}

    @property
    def programs(self) -> tuple[Block, ...]:
        return self.layout.programs

    @cached_property
    def relocations(self) -> dict[Spot, CoreRelocation]:
        found = core_relocations.read(self.elf, self.btf) if self.btf else ()
        return {(each.section, each.insn): each for each in found}

    @cached_property
    def externs(self) -> dict[str, str]:
        """What the kernel or its configuration provides -> .ksyms or .kconfig."""
        found: dict[str, str] = {}
        for id in range(1, len(self.btf) if self.btf else 0):
            section = self.btf.type(id) if self.btf else None
            if section is not None and section.kind == DATASEC and section.name in (".ksyms", ".kconfig"):
                found.update((name, section.name) for name in self._of_section(id))
        return found

    def _of_section(self, id: int) -> Iterator[str]:
        for member in self.btf.section(id) if self.btf else ():
            one = self.btf.type(member) if self.btf else None
            if one is not None:
                yield one.name

    @cached_property
    def weak(self) -> frozenset[str]:
        """The names that may be missing without harm."""
        table = self.elf.data(".symtab")
        info = table[_INFO_AT::_SYMBOL_SIZE]
        named = zip(self.elf.symbols, info, strict=False)
        return frozenset(symbol.name for symbol, each in named if each >> 4 == _WEAK)

    def is_typed(self, name: str) -> bool:
        """Whether an extern variable has a type: without one only its address is wanted."""
        for id in range(1, len(self.btf) if self.btf else 0):
            one = self.btf.type(id) if self.btf else None
            if self.btf and one is not None and one.kind == VAR and one.name == name:
                kind = self.btf.type(self.btf.resolve(one.ref))
                return kind is not None and kind.kind != 0
        return False

    def insns(self, block: Block) -> tuple[Coded, ...]:
        if block not in self._read:
            self._read[block] = tuple(self._insns(block))
        return self._read[block]

    def _insns(self, block: Block) -> Iterator[Coded]:
        section = self.elf.index(block.section)
        code = self.elf.data(section)
        order = "<" if self.elf.little else ">"
        insn, end = block.start, min(block.start + block.count, len(code) // BYTES)
        while insn < end:
            opcode, registers, off, imm = struct.unpack_from(f"{order}BBhi", code, insn * BYTES)
            dst, src = registers & 0xF, registers >> 4
            if not self.elf.little:
                dst, src = src, dst
            if max(dst, src) > FRAME_POINTER:
                return  # no kernel takes it
            wide = imm & U32_MAX
            if opcode == LD_IMM64 and insn + 1 < end:
                wide |= struct.unpack_from(f"{order}I", code, insn * BYTES + 12)[0] << 32
            spot = (block.section, insn)
            symbol = self._symbols(block.section).get(insn)
            yield Coded(spot, opcode, dst, src, off, imm, wide, symbol, self.relocations.get(spot))
            insn += 2 if opcode == LD_IMM64 else 1

    def _symbols(self, section: str) -> dict[int, Symbol]:
        """What the relocations of a section name, by instruction."""
        if section not in self._named:
            index = self.elf.index(section)
            found = self.elf.relocations(index) if index is not None else ()
            self._named[section] = {each.offset // BYTES: each.symbol for each in found}
        return self._named[section]

    def callees(self, block: Block) -> Iterator[tuple[int, Block]]:
        """The object's functions that a function calls or takes the address of, with its instructions."""
        for insn in self.insns(block):
            start = self._target(insn)
            callee = self._functions.get(start) if start is not None else None
            if callee is not None:
                yield insn.at[1], callee

    def _target(self, insn: Coded) -> int | None:
        """The instruction of .text that a call or an address names: bpf_object__reloc_code(), libbpf.c."""
        if insn.opcode not in (CALL, LD_IMM64):
            return None
        if insn.symbol is None:
            inside = insn.opcode == CALL and insn.src == PSEUDO_CALL and insn.at[0] == _TEXT
            return insn.at[1] + insn.imm + 1 if inside else None
        if insn.symbol.section is None or self.elf.names[insn.symbol.section] != _TEXT:
            return None
        start = insn.symbol.value // BYTES
        return start + insn.imm + 1 if insn.opcode == CALL else start + insn.imm // BYTES

    @cached_property
    def _functions(self) -> dict[int, Block]:
        """The functions of .text by their first instruction."""
        linked = (block for program in self.programs for _, block in self.layout.linked(program))
        return {block.start: block for block in linked if block.section == _TEXT}

    @cached_property
    def _ext(self) -> BtfExt | None:
        return BtfExt.from_elf(self.elf, self.btf) if self.btf else None

    def line(self, spot: Spot) -> LineInfo | None:
        return self._ext.line(*spot) if self._ext else None


def _types(elf: Elf) -> LargeBtf | None:
    try:
        return LargeBtf(elf.data(".BTF"))
    except (ValueError, struct.error):
        return None
