"""Reads what the other modules need of an ELF file: what it is, sections, symbols, relocations.

Sections are read of ELF64 only, which BPF objects and the libraries we look into are. pyelftools reads all
this, too, but importing it alone takes 36 ms of CPU, five times what this module takes (Python 3.11).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cached_property

from bpfdoctor.model.record import dataclass

_SYMTAB, _RELA, _NOBITS, _REL = 2, 4, 8, 9  # sh_type
_COMPRESSED = 0x800  # sh_flags; clang's BPF back end never sets it
_EXECUTABLE = 0x4  # sh_flags
_SYMBOL_SIZE, _SYMBOL_INFO = 24, 4  # of an Elf64_Sym, and where its st_info is
_FIRST_RESERVED = 0xFF00  # st_shndx from here on: absolute, common …
OBJECT, FUNC, SECTION = 1, 2, 3  # symbol types
RELOCATABLE = 1  # e_type: an object file
X86_64, BPF = 62, 247  # e_machine
# What people build BPF for, or on.
MACHINES = {
    BPF: "BPF", X86_64: "x86-64", 183: "arm64", 243: "riscv64", 22: "s390x", 21: "ppc64", 40: "arm",
    3: "i386", 258: "loongarch64",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ElfKind:
    """What a file is, by its first bytes: RELOCATABLE …, and for which machine."""

    type: int
    machine: int


def kind(head: bytes) -> ElfKind | None:
    """None when the bytes are not the beginning of an ELF file, of 32 or 64 bits."""
    if head[:4] != b"\x7fELF" or len(head) < 20:
        return None
    return ElfKind(*struct.unpack_from("<HH" if head[5] == 1 else ">HH", head, 16))


def is_bpf(head: bytes) -> bool:
    """Whether a file that begins so is a BPF object."""
    found = kind(head)
    # clang before 3.9 left the machine out
    return found is not None and (found.machine == BPF or (found.machine == 0 and found.type == RELOCATABLE))


@dataclass(frozen=True, slots=True)
class Symbol:
    """One entry of .symtab. `section` is an index, None for undefined and absolute symbols."""

    name: str
    kind: int
    section: int | None
    value: int  # byte offset in the section
    size: int
    is_global: bool


@dataclass(frozen=True, slots=True)
class Relocation:
    """Byte offset in the section that is patched, and the symbol it is patched with."""

    offset: int
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class _Header:
    name: int
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int


class Elf:
    """An ELF object. What is damaged in it ends as an empty answer, never as an exception."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError or struct.error when this is no ELF64 file."""
        if data[:5] != b"\x7fELF\x02" or len(data) == 5:
            raise ValueError("not ELF64")
        self.little = data[5] != 2
        self._order = "<" if self.little else ">"
        self._data = data
        (table,) = struct.unpack_from(self._order + "Q", data, 40)
        each, count, names = struct.unpack_from(self._order + "HHH", data, 58)
        layout = struct.Struct(self._order + "IIQQQQIIQQ")
        if each < layout.size:
            raise ValueError("no section headers")
        self._headers: list[_Header] = []
        for at in range(table, min(table + each * count, len(data) - layout.size + 1), each):
            name, type, flags, _, offset, size, link, info, _, _ = layout.unpack_from(data, at)
            self._headers.append(_Header(name, type, flags, offset, size, link, info))
        strings = self.data(names)
        self.names = tuple(_text(strings, header.name) for header in self._headers)

    @classmethod
    def read(cls, data: bytes) -> Elf | None:
        """None when the bytes are no ELF64 file."""
        try:
            return cls(data)
        except (ValueError, struct.error):
            return None

    def index(self, name: str) -> int | None:
        return self.names.index(name) if name in self.names else None

    def offset(self, section: int) -> int:
        """Where a section's bytes are in the file."""
        return self._headers[section].offset

    def data(self, section: int | str | None) -> bytes:
        """The bytes of a section; b"" when it is absent or compressed, fewer when the file is cut off."""
        index = self.index(section) if isinstance(section, str) else section
        if index is None or not 0 <= index < len(self._headers):
            return b""
        header = self._headers[index]
        if header.type == _NOBITS or header.flags & _COMPRESSED:
            return b""
        return self._data[header.offset : header.offset + header.size]

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """All symbols in the order of .symtab, which is what relocations count in."""
        found: list[Symbol] = []
        for index, header in enumerate(self._headers):
            if header.type == _SYMTAB:
                strings = self.data(header.link)
                for name, info, _, section, value, size in self._entries(index, "IBBHQQ"):
                    where = section if 0 < section < min(_FIRST_RESERVED, len(self._headers)) else None
                    found.append(Symbol(_text(strings, name), info & 0xF, where, value, size, info >> 4 != 0))
                break
        return tuple(found)

    def local_code(self) -> Iterator[tuple[Symbol, int]]:
        """Symbols of executable sections that only this object sees, and where in the file that is said."""
        for header in self._headers:
            if header.type == _SYMTAB:
                for number, symbol in enumerate(self.symbols):
                    if (
                        symbol.section
                        and not symbol.is_global
                        and self._headers[symbol.section].flags & _EXECUTABLE
                    ):
                        yield symbol, header.offset + number * _SYMBOL_SIZE + _SYMBOL_INFO
                return

    def relocations(self, section: int) -> tuple[Relocation, ...]:
        """The relocations of one section."""
        return tuple(
            Relocation(offset, self.symbols[symbol])
            for header in self._relocating()
            if self._headers[header].info == section
            for offset, symbol in self._places(header)
            if symbol < len(self.symbols)
        )

    def references(self, name: str) -> list[int]:
        """Where the dynamic linker of a library puts the address of the symbol `name` (virtual addresses)."""
        found: list[int] = []
        for header in self._relocating():
            table = self._headers[header].link
            if not 0 < table < len(self._headers):
                continue
            strings = self.data(self._headers[table].link)
            entries = self._entries(table, "IBBHQQ")
            wanted = {at for at, entry in enumerate(entries) if at and _text(strings, entry[0]) == name}
            found += (offset for offset, symbol in self._places(header) if symbol in wanted)
        return found

    def _relocating(self) -> Iterator[int]:
        """The sections that hold relocations."""
        return (index for index, header in enumerate(self._headers) if header.type in (_REL, _RELA))

    def _places(self, section: int) -> Iterator[tuple[int, int]]:
        """(offset or address, number of the symbol) of the relocations in a section."""
        fields = "QQ" if self._headers[section].type == _REL else "QQq"
        return ((offset, info >> 32) for offset, info, *_ in self._entries(section, fields))

    def _entries(self, section: int, fields: str) -> Iterator[tuple[int, ...]]:
        """The entries of a table, without what is cut off at its end."""
        layout, data = struct.Struct(self._order + fields), self.data(section)
        return layout.iter_unpack(data[: len(data) // layout.size * layout.size])


def _text(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset)
    return strings[offset:end].decode("utf-8", "replace") if end >= 0 else ""
