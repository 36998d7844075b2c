"""Reads what the other modules need of an ELF object: sections, symbols, relocations.

BPF objects are always ELF64 and relocatable, so this is short; importing pyelftools for it costs 55 ms.
"""

from __future__ import annotations

import struct
from functools import cached_property

from bpfdoctor.model.record import dataclass

_SYMTAB, _RELA, _NOBITS, _REL = 2, 4, 8, 9  # sh_type
_COMPRESSED = 0x800  # sh_flags; clang's BPF back end never sets it
_FIRST_RESERVED = 0xFF00  # st_shndx from here on: absolute, common …
FUNC, SECTION = 2, 3  # symbol types


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
        layout = struct.Struct(self._order + "IBBHQQ")
        for index, header in enumerate(self._headers):
            if header.type == _SYMTAB:
                data, strings = self.data(index), self.data(header.link)
                for at in range(0, len(data) - layout.size + 1, layout.size):
                    name, info, _, section, value, size = layout.unpack_from(data, at)
                    where = section if 0 < section < min(_FIRST_RESERVED, len(self._headers)) else None
                    found.append(Symbol(_text(strings, name), info & 0xF, where, value, size, info >> 4 != 0))
                break
        return tuple(found)

    def relocations(self, section: int) -> tuple[Relocation, ...]:
        """The relocations of one section."""
        found: list[Relocation] = []
        for index, header in enumerate(self._headers):
            if header.type not in (_REL, _RELA) or header.info != section:
                continue
            data, step = self.data(index), 16 if header.type == _REL else 24
            for at in range(0, len(data) - step + 1, step):
                offset, info = struct.unpack_from(self._order + "QQ", data, at)
                if info >> 32 < len(self.symbols):
                    found.append(Relocation(offset, self.symbols[info >> 32]))
        return tuple(found)


def _text(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset)
    return strings[offset:end].decode("utf-8", "replace") if end >= 0 else ""
