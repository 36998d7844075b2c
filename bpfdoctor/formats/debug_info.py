"""Reads the entries of `.debug_info` (DWARF 4 and 5) as clang's BPF back end writes them.

In a BPF object all debug sections start at address 0 and the relocations add that 0: there is nothing to do.

pyelftools reads the headers just as well: in 4 ms with relocate_dwarf_sections=False (2 s otherwise, for an
object that includes vmlinux.h, 600 kB). But nothing in such an object says where the entry of a function is,
and it takes 390 ms to walk past the 5,700 entries of a unit that come first; `Unit.top_level` skips them by
the sizes of their abbreviations, and the whole answer takes 8 ms. Importing it costs 36 ms, these modules 11.
(CPU, Python 3.11, pyelftools 0.33.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bpfdoctor.formats.elf import Elf

# Tags, attributes and forms, from the DWARF 5 standard, chapter 7.
SUBPROGRAM, INLINED, BLOCK = 0x2E, 0x1D, 0x0B
PARAMETER, VARIABLE = 0x05, 0x34
AT_LOCATION, AT_NAME, AT_BYTE_SIZE, AT_STMT_LIST, AT_LOW_PC, AT_HIGH_PC = 0x02, 0x03, 0x0B, 0x10, 0x11, 0x12
AT_DECL_FILE, AT_CALL_COLUMN, AT_CALL_FILE, AT_CALL_LINE = 0x3A, 0x57, 0x58, 0x59
AT_UPPER_BOUND, AT_ORIGIN, AT_COUNT, AT_DECL_LINE, AT_TYPE, AT_RANGES = 0x2F, 0x31, 0x37, 0x3B, 0x49, 0x55
_AT_STR_BASE, _AT_ADDR_BASE, _AT_RNGLISTS_BASE, AT_LOCLISTS_BASE = 0x72, 0x73, 0x74, 0x8C
_FIXED = {
    0x01: 8, 0x05: 2, 0x06: 4, 0x07: 8, 0x0B: 1, 0x0C: 1, 0x0E: 4, 0x10: 4, 0x11: 1, 0x12: 2, 0x13: 4,
    0x14: 8, 0x17: 4, 0x19: 0, 0x1E: 16, 0x1F: 4, 0x20: 8, 0x21: 0, 0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4,
    0x29: 1, 0x2A: 2, 0x2B: 3, 0x2C: 4,
}  # fmt: skip
_STRP, _LINE_STRP, _ADDR = 0x0E, 0x1F, 0x01
_STRX, _ADDRX = (0x1A, 0x25, 0x26, 0x27, 0x28), (0x1B, 0x29, 0x2A, 0x2B, 0x2C)
_ULEBS, _SLEB, _IMPLICIT = (0x0F, 0x1A, 0x1B, 0x22, 0x23), 0x0D, 0x21
_BLOCKS = {0x0A: 1, 0x03: 2, 0x04: 4}
_EXPRLOC, _BLOCK, _STRING, LOCLISTX, _RNGLISTX, SEC_OFFSET = 0x18, 0x09, 0x08, 0x22, 0x23, 0x17
_REFS = (0x11, 0x12, 0x13, 0x14)  # offsets from the unit's start


class Damaged(Exception):
    """The debug information is not what the standard says; the caller answers None."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """An abbreviation: tag, whether children follow, (attribute, form, constant), the size if fixed."""

    tag: int
    children: bool
    attributes: tuple[tuple[int, int, int], ...]
    size: int | None


@dataclass(frozen=True, slots=True)
class DebugEntry:
    """A debugging entry. Values: int (also addresses), str, or bytes for a location; `forms` says which."""

    at: int
    tag: int
    values: Mapping[int, int | str | bytes]
    forms: Mapping[int, int]
    children: tuple[DebugEntry, ...] = ()

    def number(self, attribute: int) -> int | None:
        value = self.values.get(attribute)
        return value if isinstance(value, int) else None

    def name(self) -> str:
        value = self.values.get(AT_NAME)
        return value if isinstance(value, str) else ""


@dataclass(slots=True)
class Unit:
    """One compilation unit of `.debug_info`."""

    info: bytes
    start: int
    entries: int  # offset of the first entry
    end: int
    version: int
    shapes: dict[int, _Shape]
    sections: Mapping[str, bytes]
    little: bool
    root: Mapping[int, int | str | bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.entry(self.entries).values

    def base(self, attribute: int, default: int) -> int:
        value = self.root.get(attribute)
        return value if isinstance(value, int) else default

    def word(self, section: str, offset: int, size: int) -> int:
        data = self.sections[section]
        if not 0 <= offset <= len(data) - size:
            raise Damaged
        return int.from_bytes(data[offset : offset + size], "little" if self.little else "big")

    def address(self, index: int) -> int:
        return self.word(".debug_addr", self.base(_AT_ADDR_BASE, 8) + 8 * index, 8)

    def entry(self, at: int) -> DebugEntry:
        """The entry at an offset, without its children."""
        return self._entry(at)[0]

    def tree(self, at: int, depth: int = 0) -> DebugEntry:
        return self._tree(at, depth)[0]

    def _tree(self, at: int, depth: int) -> tuple[DebugEntry, int]:
        entry, at, shape = self._entry(at)
        children: list[DebugEntry] = []
        if shape.children:
            if depth > 64:
                raise Damaged
            while at < self.end and self.info[at]:
                child, at = self._tree(at, depth + 1)
                children.append(child)
            at += 1
        return DebugEntry(entry.at, entry.tag, entry.values, entry.forms, tuple(children)), at

    def top_level(self, tag: int) -> Iterator[int]:
        """Offsets of the unit's own children with a tag; skips the rest as fast as Python can."""
        info, shapes, at, depth = self.info, self.shapes, self.entries, 0
        while at < self.end:
            code, start = info[at], at
            if code == 0:
                at += 1
                depth -= 1
                if depth <= 0:
                    return
                continue
            if code >= 0x80:
                code, at = uleb(info, at)
            else:
                at += 1
            shape = shapes.get(code)
            if shape is None:
                raise Damaged
            if depth == 1 and shape.tag == tag:
                yield start
            at = at + shape.size if shape.size is not None else self._skip(shape, at)
            depth += shape.children

    def _skip(self, shape: _Shape, at: int) -> int:
        for _, form, constant in shape.attributes:
            _, at = self._value(form, constant, at, lazy=True)
        return at

    def _entry(self, at: int) -> tuple[DebugEntry, int, _Shape]:
        if not self.start < at < self.end:
            raise Damaged
        start = at
        code, at = uleb(self.info, at)
        shape = self.shapes.get(code)
        if shape is None:
            raise Damaged
        values: dict[int, int | str | bytes] = {}
        forms: dict[int, int] = {}
        delayed: list[tuple[int, int, int]] = []  # strings and addresses by index need the root's bases
        for attribute, form, constant in shape.attributes:
            value, at = self._value(form, constant, at, lazy=False)
            forms[attribute] = form
            if (form in _STRX or form in _ADDRX) and isinstance(value, int):
                delayed.append((attribute, form, value))
            else:
                values[attribute] = value
        if not self.root:
            self.root = values
        for attribute, form, index in delayed:
            if form in _STRX:
                offset = self.word(".debug_str_offsets", self.base(_AT_STR_BASE, 8) + 4 * index, 4)
                values[attribute] = text(self.sections[".debug_str"], offset)
            else:
                values[attribute] = self.address(index)
        return DebugEntry(start, shape.tag, values, forms), at, shape

    def _value(self, form: int, constant: int, at: int, lazy: bool) -> tuple[int | str | bytes, int]:
        info = self.info
        if form == _IMPLICIT:
            return constant, at
        if form in _FIXED:
            size = _FIXED[form]
            value = int.from_bytes(info[at : at + size], "little" if self.little else "big") if size else 1
            if not lazy and form == _STRP:
                return text(self.sections[".debug_str"], value), at + size
            if not lazy and form == _LINE_STRP:
                return text(self.sections[".debug_line_str"], value), at + size
            return value + (self.start if form in _REFS else 0), at + size
        if form in _ULEBS:
            return uleb(info, at)
        if form == _SLEB:
            return sleb(info, at)
        if form == _STRING:
            end = info.find(b"\0", at)
            if end < 0:
                raise Damaged
            return info[at:end].decode("utf-8", "replace"), end + 1
        if form in (_EXPRLOC, _BLOCK):
            size, at = uleb(info, at)
        elif form in _BLOCKS:
            size = int.from_bytes(info[at : at + _BLOCKS[form]], "little" if self.little else "big")
            at += _BLOCKS[form]
        else:
            raise Damaged
        return info[at : at + size], at + size

    def ranges(self, entry: DebugEntry) -> list[tuple[int, int]]:
        """Half-open byte ranges of a function, block or inlined call."""
        low, high = entry.number(AT_LOW_PC), entry.number(AT_HIGH_PC)
        if low is not None and high is not None:
            return [(low, high if entry.forms[AT_HIGH_PC] == _ADDR else low + high)]
        where = entry.number(AT_RANGES)
        if where is None:
            return []
        if self.version < 5:
            return [(low, high) for low, high, _ in self.pairs(".debug_ranges", where, with_expression=False)]
        if entry.forms[AT_RANGES] == _RNGLISTX:
            base = self.base(_AT_RNGLISTS_BASE, 12)
            where = base + self.word(".debug_rnglists", base + 4 * where, 4)
        return [(low, high) for low, high, _ in self.lists(".debug_rnglists", where, with_expression=False)]

    def pairs(self, section: str, at: int, with_expression: bool) -> Iterator[tuple[int, int, bytes]]:
        """DWARF 4's `.debug_ranges` and `.debug_loc`: (low, high, expression)."""
        base = self.base(AT_LOW_PC, 0)
        while True:
            low, high = self.word(section, at, 8), self.word(section, at + 8, 8)
            at += 16
            if low == high == 0:
                return
            if low == 0xFFFF_FFFF_FFFF_FFFF:
                base = high
                continue
            expression = b""
            if with_expression:
                size = self.word(section, at, 2)
                expression = self.sections[section][at + 2 : at + 2 + size]
                at += 2 + size
            yield base + low, base + high, expression

    def lists(self, section: str, at: int, with_expression: bool) -> Iterator[tuple[int, int, bytes]]:
        """DWARF 5's `.debug_rnglists` and `.debug_loclists`: their entries are numbered differently."""
        data, base = self.sections[section], self.base(AT_LOW_PC, 0)
        while 0 <= at < len(data):
            kind, at = data[at], at + 1
            if kind >= 5 and not with_expression:
                kind += 1  # range lists have no default_location (5)
            low = high = -1
            if kind == 0:
                return
            if kind == 1:  # base_addressx
                index, at = uleb(data, at)
                base = self.address(index)
                continue
            if kind == 6:  # base_address
                base, at = self.word(section, at, 8), at + 8
                continue
            if kind in (2, 3):  # startx_endx, startx_length
                first, at = uleb(data, at)
                second, at = uleb(data, at)
                low = self.address(first)
                high = self.address(second) if kind == 2 else low + second
            elif kind == 4:  # offset_pair
                first, at = uleb(data, at)
                second, at = uleb(data, at)
                low, high = base + first, base + second
            elif kind == 7:  # start_end
                low, high, at = self.word(section, at, 8), self.word(section, at + 8, 8), at + 16
            elif kind == 8:  # start_length
                low = self.word(section, at, 8)
                size, at = uleb(data, at + 8)
                high = low + size
            elif kind != 5:
                raise Damaged
            expression = b""
            if with_expression:
                size, at = uleb(data, at)
                expression = data[at : at + size]
                at += size
            yield low, high, expression


class DebugInfo:
    """The units of an object."""

    _NAMES = (
        ".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_str_offsets", ".debug_addr",
        ".debug_loc", ".debug_loclists", ".debug_ranges", ".debug_rnglists", ".debug_line",
    )  # fmt: skip

    def __init__(self, elf: Elf) -> None:
        self._elf = elf

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Raises Damaged when the debug information cannot be read."""
        sections = {name: self._elf.data(name) for name in self._NAMES}
        order = "<" if self._elf.little else ">"
        info, at, units = sections[".debug_info"], 0, []
        while at + 12 <= len(info):
            length, version = struct.unpack_from(order + "IH", info, at)
            end = at + 4 + length
            if length >= 0xFFFF_FFF0 or end > len(info) or version not in (4, 5):
                raise Damaged
            if version == 5:
                kind, _, abbreviations = struct.unpack_from(order + "BBI", info, at + 6)
                first = at + 12
                if kind != 1:  # type and skeleton units hold no functions
                    at = end
                    continue
            else:
                (abbreviations,), first = struct.unpack_from(order + "I", info, at + 6), at + 11
            shapes = _shapes(sections[".debug_abbrev"], abbreviations)
            units.append(Unit(info, at, first, end, version, shapes, sections, self._elf.little))
            at = end
        return tuple(units)


def _shapes(data: bytes, at: int) -> dict[int, _Shape]:
    shapes: dict[int, _Shape] = {}
    while True:
        code, at = uleb(data, at)
        if code == 0:
            return shapes
        tag, at = uleb(data, at)
        children, at = uleb(data, at)
        attributes: list[tuple[int, int, int]] = []
        while True:
            attribute, at = uleb(data, at)
            form, at = uleb(data, at)
            constant = 0
            if form == _IMPLICIT:
                constant, at = sleb(data, at)
            if attribute == form == 0:
                break
            attributes.append((attribute, form, constant))
        fixed = [_FIXED.get(form) for _, form, _ in attributes]
        size = None if None in fixed else sum(size or 0 for size in fixed)
        shapes[code] = _Shape(tag, bool(children), tuple(attributes), size)


def text(data: bytes, offset: int) -> str:
    end = data.find(b"\0", offset)
    return data[offset:end].decode("utf-8", "replace") if end >= 0 else ""


def uleb(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number and the offset after it."""
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise Damaged


def sleb(data: bytes, at: int) -> tuple[int, int]:
    """A signed LEB128 number and the offset after it."""
    start = at
    value, at = uleb(data, at)
    bits = 7 * (at - start)
    return (value - (1 << bits) if value >> (bits - 1) & 1 else value), at
