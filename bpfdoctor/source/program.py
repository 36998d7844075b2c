"""One program of an object file: for an instruction of its log the line, the function and the C variables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.btf_ext import BtfExt, LineInfo
from bpfdoctor.formats.debug_info import Damaged
from bpfdoctor.formats.dwarf import CallSite, Variable, Variables
from bpfdoctor.formats.elf import Elf
from bpfdoctor.kernel.instructions import CALL, CLASS
from bpfdoctor.source.layout import Block, Layout, Spot
from bpfdoctor.source.members import Fields, Types, fields


class _Object:
    """What all programs of an object share."""

    def __init__(self, elf: Elf) -> None:
        self._elf = elf
        self.btf = Btf.from_elf(elf)
        self.layout = Layout(elf, self.btf)

    @cached_property
    def ext(self) -> BtfExt | None:
        return BtfExt.from_elf(self._elf, self.btf) if self.btf else None

    @cached_property
    def variables(self) -> Variables | None:
        return Variables.from_elf(self._elf)


@lru_cache(maxsize=1)
def _object(data: bytes) -> _Object | None:
    """It is asked for each program of a file."""
    elf = Elf.read(data)
    return _Object(elf) if elf else None


class ObjectProgram:
    """The object of a report, and the program in it that the log is about."""

    def __init__(self, whole: _Object, name: str | None, section: str | None) -> None:
        self._whole = whole
        self.btf = whole.btf
        self._layout = whole.layout
        self.block: Block | None = self._layout.program(name) if name else self._layout.program(None, section)
        self._stacks: dict[Block, int] = {}

    @classmethod
    def read(cls, data: bytes | None, name: str | None, section: str | None) -> ObjectProgram | None:
        whole = _object(data) if data else None
        return cls(whole, name, section) if whole else None

    @property
    def _ext(self) -> BtfExt | None:
        return self._whole.ext

    @property
    def _variables(self) -> Variables | None:
        return self._whole.variables

    def types(self) -> Iterator[Types]:
        """The object's types: BTF has those of maps and of functions' parameters, DWARF the locals' too."""
        if self.btf is not None:
            yield self.btf
        if self._variables is not None:
            yield self._variables.types

    def stacks(self, deepest: int) -> Iterator[tuple[tuple[str, int, tuple[Variable, ...]], ...]]:
        """Chains of calls from the program on: (function, bytes of stack, its variables on the stack)."""
        for chain in self._layout.chains(self.block, deepest) if self.block else ():
            yield tuple((block.name, self._stack(block), self._locals(block)) for block in chain)

    def open_end(self) -> int | None:
        """The last instruction of the first function that runs on into the next one."""
        return next(self._layout.open_ends(self.block), None) if self.block else None

    def calls(self) -> Iterator[tuple[int, str, str]]:
        """(instruction, caller, callee) of every call of a function of the object."""
        return self._layout.calls(self.block) if self.block else iter(())

    def unresolved(self) -> Iterator[tuple[int, str]]:
        """(instruction, name) of every call of a function that the object does not contain."""
        return self._layout.unresolved(self.block) if self.block else iter(())

    def unfilled(self) -> Iterator[tuple[int, str, int, bytes]]:
        """The addresses of data that the program asks for: see Layout.unfilled."""
        return self._layout.unfilled(self.block) if self.block else iter(())

    def _stack(self, block: Block) -> int:
        if block not in self._stacks:
            self._stacks[block] = self._layout.stack_size(block)
        return self._stacks[block]

    def _locals(self, block: Block) -> tuple[Variable, ...]:
        if self._variables is None:
            return ()
        found = self._variables.on_stack(block.name, block.start)
        return tuple(sorted(found, key=lambda variable: -(variable.size or 0)))

    def fields(self, variable: Variable) -> Fields | None:
        """The members of a variable's type; None when the debug information is damaged."""
        if self._variables is None or not variable.type_id:
            return None
        try:
            return fields(self._variables.types, variable.type_id)
        except (Damaged, IndexError):
            return None

    def spot(self, insn: int, opcode: int | None = None) -> Spot | None:
        """Where an instruction of the log lies in the object; None when the log is not of this object."""
        spot = self._layout.spot(self.block, insn) if self.block else None
        if spot is None or opcode is None or opcode == CALL:
            return spot  # libbpf overwrites what it cannot relocate with a call
        ours = self._layout.opcode(spot)
        # CO-RE may change the size of a load, nothing else.
        return spot if ours is not None and ours & CLASS == opcode & CLASS else None

    def line(self, spot: Spot) -> LineInfo | None:
        """The line of an instruction; where the compiler gives none, the one before it, without column."""
        ext = self._ext
        if ext is None:
            return None
        info = ext.line(spot.section, spot.insn)
        start = self._block_of(spot)
        while info is not None and not info.line:
            if start is None or info.insn <= start.start:
                return None
            before = ext.line(spot.section, info.insn - 1)
            info = before and LineInfo(before.insn, before.file, before.line, 0, before.text)
        return info

    def _block_of(self, spot: Spot) -> Block | None:
        if self.block is None:
            return None
        return next(
            (
                block
                for _, block in self._layout.linked(self.block)
                if block.section == spot.section and block.start <= spot.insn < block.start + block.count
            ),
            None,
        )

    def inlined_at(self, spot: Spot) -> tuple[CallSite, ...]:
        """The calls that an instruction was inlined through, innermost first."""
        block = self._block_of(spot)
        if block is None or self._variables is None:
            return ()
        return self._variables.inlined_at(block.name, block.start, spot.insn)

    def variables(self, spot: Spot) -> tuple[Variable, ...]:
        """C variables that have a register or a stack slot when the instruction is about to run."""
        block = self._block_of(spot)
        if block is None or self._variables is None:
            return ()
        return self._variables.at(block.name, block.start, spot.insn, self._stack(block))
