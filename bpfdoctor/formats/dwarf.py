"""Which C variable lives in which register or stack slot at an instruction, from the object's DWARF."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.formats import debug_info as di
from bpfdoctor.formats import line_table
from bpfdoctor.formats.dwarf_types import DwarfTypes
from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.record import dataclass

_REG0, _REG31, _REGX = 0x50, 0x6F, 0x90
_BREG0, _BREG31, _FBREG, _STACK_VALUE = 0x70, 0x8F, 0x91, 0x9F
_FRAME = 10  # r10, DW_AT_frame_base of every function the BPF back end writes


@dataclass(frozen=True, slots=True)
class Variable:
    """A C variable at one instruction.

    Its value is register + offset, or, with `in_memory`, its first byte lies there: r10 - 16 is a local on
    the stack.
    """

    name: str
    register: int
    offset: int
    in_memory: bool
    line: int | None  # of its declaration
    type: str  # as C spells it; "" when unknown
    size: int | None  # bytes
    parameter: bool
    inlined: bool  # belongs to a function that the compiler inlined here
    type_id: int = 0  # in Variables.types
    file: str = ""  # of its declaration, without directories


@dataclass(frozen=True, slots=True)
class CallSite:
    """Where a function that was inlined is called. `line` and `column` from 1, in bytes; 0 is unknown."""

    function: str  # the one that was inlined
    file: str
    line: int
    column: int


class Variables:
    """The variables of one object's functions."""

    def __init__(self, info: di.DebugInfo) -> None:
        self._info = info
        self.types = DwarfTypes(info)
        self._functions: dict[str, list[tuple[di.Unit, int]]] | None = None
        self._trees: dict[int, tuple[di.Unit, di.DebugEntry]] = {}
        self._files: dict[int, dict[int, str]] = {}  # by the unit's start

    @classmethod
    def from_elf(cls, elf: Elf) -> Variables | None:
        """None when the object was compiled without -g, or stripped."""
        return cls(di.DebugInfo(elf)) if elf.data(".debug_info") else None

    def at(self, function: str, start: int, insn: int, stack: int) -> tuple[Variable, ...]:
        """Variables that have a place when instruction `insn` is about to run, innermost scope last.

        `start` is the function's first instruction; both count instructions from the start of the section.
        `stack` is the size of the function's stack in bytes: LLVM's BPF back end (14 to 19 at least) counts
        the offsets of DW_OP_fbreg from the lowest byte of the frame, not from r10.
        """
        try:
            found = self._function(function, start * 8)
            if found is None:
                return ()
            unit, root = found
            return tuple(self._scope(unit, root, insn * 8, stack, inlined=False))
        except (di.Damaged, IndexError, RecursionError):
            return ()

    def on_stack(self, function: str, start: int) -> tuple[Variable, ...]:
        """Variables that have their place in the function's frame all the time; offsets are not r10's."""
        try:
            found = self._function(function, start * 8)
            return tuple(self._framed(*found, inlined=False)) if found else ()
        except (di.Damaged, IndexError, RecursionError):
            return ()

    def inlined_at(self, function: str, start: int, insn: int) -> tuple[CallSite, ...]:
        """The calls that an instruction was inlined through, innermost first."""
        try:
            found = self._function(function, start * 8)
            return tuple(self._calls(*found, insn * 8))[::-1] if found else ()
        except (di.Damaged, IndexError, RecursionError):
            return ()

    def _calls(self, unit: di.Unit, scope: di.DebugEntry, pc: int) -> Iterator[CallSite]:
        for child in scope.children:
            if child.tag not in (di.INLINED, di.BLOCK) or not _holds(unit.ranges(child), pc):
                continue
            if child.tag == di.INLINED:
                file = self._file(unit, child.number(di.AT_CALL_FILE))
                line, column = child.number(di.AT_CALL_LINE), child.number(di.AT_CALL_COLUMN)
                yield CallSite(self._name(unit, child), file, line or 0, column or 0)
            yield from self._calls(unit, child, pc)

    def _file(self, unit: di.Unit, number: int | None) -> str:
        if unit.start not in self._files:
            self._files[unit.start] = line_table.file_names(unit)
        return self._files[unit.start].get(number or 0, "")

    def _framed(self, unit: di.Unit, scope: di.DebugEntry, inlined: bool) -> Iterator[Variable]:
        for child in scope.children:
            if child.tag in (di.INLINED, di.BLOCK):
                yield from self._framed(unit, child, inlined or child.tag == di.INLINED)
            location = child.values.get(di.AT_LOCATION) if child.tag == di.VARIABLE else None
            place = _where(location) if isinstance(location, bytes) else None
            if place is not None and place[2] and place[0] == _FRAME:
                yield self._variable(unit, child, place, inlined)

    def _function(self, name: str, low: int) -> tuple[di.Unit, di.DebugEntry] | None:
        if self._functions is None:
            self._functions = {}
            for unit in self._info.units:
                for at in unit.top_level(di.SUBPROGRAM):
                    entry = unit.entry(at)
                    if entry.number(di.AT_LOW_PC) is not None or di.AT_RANGES in entry.values:
                        self._functions.setdefault(self._name(unit, entry), []).append((unit, at))
        for unit, at in self._functions.get(name, ()):
            if unit.entry(at).number(di.AT_LOW_PC) == low:
                if at not in self._trees:
                    self._trees[at] = (unit, unit.tree(at))
                return self._trees[at]
        return None

    def _origin(self, unit: di.Unit, entry: di.DebugEntry) -> di.DebugEntry:
        """An inlined or out-of-line copy names its parts in the abstract entry."""
        for _ in range(4):
            origin = entry.number(di.AT_ORIGIN)
            if origin is None:
                break
            entry = unit.entry(origin)
        return entry

    def _name(self, unit: di.Unit, entry: di.DebugEntry) -> str:
        return entry.name() or self._origin(unit, entry).name()

    def _scope(
        self, unit: di.Unit, scope: di.DebugEntry, pc: int, stack: int, inlined: bool
    ) -> Iterator[Variable]:
        for child in scope.children:
            if child.tag in (di.PARAMETER, di.VARIABLE):
                place = self._place(unit, child, pc)
                if place is not None:
                    register, offset, in_memory = place
                    if in_memory and register == _FRAME and offset >= 0:
                        place = (register, offset - stack, in_memory)
                    yield self._variable(unit, child, place, inlined)
            elif child.tag in (di.INLINED, di.BLOCK) and _holds(unit.ranges(child), pc):
                yield from self._scope(unit, child, pc, stack, inlined or child.tag == di.INLINED)

    def _variable(
        self, unit: di.Unit, entry: di.DebugEntry, place: tuple[int, int, bool], inlined: bool
    ) -> Variable:
        declared = entry if entry.name() else self._origin(unit, entry)
        type = declared.number(di.AT_TYPE)
        return Variable(
            name=declared.name(),
            register=place[0],
            offset=place[1],
            in_memory=place[2],
            line=declared.number(di.AT_DECL_LINE),
            type=self.types.name(type) if type else "",
            size=self.types.size(type) if type else None,
            type_id=type or 0,
            parameter=entry.tag == di.PARAMETER,
            inlined=inlined,
            file=self._file(unit, declared.number(di.AT_DECL_FILE)),
        )

    def _place(self, unit: di.Unit, entry: di.DebugEntry, pc: int) -> tuple[int, int, bool] | None:
        location = entry.values.get(di.AT_LOCATION)
        if isinstance(location, bytes):
            return _where(location)
        if not isinstance(location, int):
            return None
        if entry.forms[di.AT_LOCATION] == di.LOCLISTX:
            base = unit.base(di.AT_LOCLISTS_BASE, 12)
            location = base + unit.word(".debug_loclists", base + 4 * location, 4)
        if unit.version < 5:
            found = unit.pairs(".debug_loc", location, with_expression=True)
        else:
            found = unit.lists(".debug_loclists", location, with_expression=True)
        for low, high, expression in found:
            if low <= pc < high:
                return _where(expression)
        return None


def _holds(ranges: list[tuple[int, int]], pc: int) -> bool:
    return any(low <= pc < high for low, high in ranges)


def _where(expression: bytes) -> tuple[int, int, bool] | None:
    """(register, offset, in memory) of a location expression of one operation; None for anything longer."""
    if not expression:
        return None
    op, rest = expression[0], expression[1:]
    if _REG0 <= op <= _REG31:
        return None if rest else (op - _REG0, 0, False)
    if op == _REGX:
        register, end = di.uleb(rest, 0)
        return None if rest[end:] else (register, 0, False)
    if op == _FBREG:
        offset, end = di.sleb(rest, 0)
        return None if rest[end:] else (_FRAME, offset, True)
    if _BREG0 <= op <= _BREG31:
        offset, end = di.sleb(rest, 0)
        if not rest[end:]:
            return op - _BREG0, offset, True
        return (op - _BREG0, offset, False) if rest[end:] == bytes([_STACK_VALUE]) else None
    return None
