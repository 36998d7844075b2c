"""Reads what a uprobe needs of a program or library: segments, functions, what it is linked to.

Only the tables are read, by offset: such files have hundreds of megabytes. Damage ends as an empty answer.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cached_property

from bpfdoctor.model.record import dataclass, replace

Read = Callable[[int, int], bytes]  # (offset, bytes): fewer bytes at the file's end

_MOST_TABLE = 256 << 20  # bytes of one table; the symbols of a browser have 100 MiB
_MOST_INFLATED = 64 << 20  # of .gnu_debugdata
_MOST_HEADERS = 4096
_LOAD, _DYNAMIC, _INTERPRETER, _NOTE = 1, 2, 3, 4  # p_type
_EXECUTABLE = 1  # p_flags
_SYMTAB, _NOBITS, _DYNSYM, _VERSYM, _VERDEF = 2, 8, 11, 0x6FFFFFFF, 0x6FFFFFFD  # sh_type
_NOTYPE, _FUNC, _INDIRECT = 0, 2, 10  # symbol types
_HIDDEN = 0x8000  # in .gnu.version: not the default version
_NEEDED, _STRTAB, _SONAME = 1, 5, 14  # d_tag
_BUILD_ID = 3  # note type of GNU
FIXED, SHARED = 2, 3  # e_type; programs that are position independent are SHARED, too


@dataclass(frozen=True, slots=True)
class Segment:
    """A PT_LOAD: `file_size` bytes at `offset` are mapped at `address`."""

    offset: int
    address: int
    file_size: int
    executable: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function's symbol. `address` is virtual; an `indirect` one (IFUNC) chooses another when linked."""

    name: str
    version: str  # GLIBC_2.14, "" where there is none
    is_default: bool  # the version that programs linked now get
    address: int
    size: int
    indirect: bool
    typed: bool  # False for what is only a name: code that was written in assembler
    table: str  # symtab, dynsym or debugdata


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    type: int
    offset: int
    size: int
    link: int
    info: int
    address: int


class Executable:
    """An ELF64 program or library."""

    def __init__(self, read: Read) -> None:
        """Raises ValueError or struct.error where this is none."""
        head = read(0, 64)
        if head[:5] != b"\x7fELF\x02":
            raise ValueError("not ELF64")
        self._read = read
        self.order = "<" if head[5] != 2 else ">"
        self.type, self.machine = struct.unpack_from(self.order + "HH", head, 16)
        self.entry, segments, sections = struct.unpack_from(self.order + "QQQ", head, 24)
        each, count, section_each, section_count, names = struct.unpack_from(self.order + "5H", head, 54)
        self._programs = list(self._table("IIQQQQQQ", segments, each, count))
        self._headers = list(self._table("IIQQQQIIQQ", sections, section_each, section_count))
        self._names = names

    @classmethod
    def read(cls, read: Read) -> Executable | None:
        """None where this is no ELF64 program or library."""
        try:
            found = cls(read)
        except (ValueError, struct.error):
            return None
        return found if found.type in (FIXED, SHARED) else None

    def _table(self, fields: str, offset: int, each: int, count: int) -> Iterator[tuple[int, ...]]:
        layout = struct.Struct(self.order + fields)
        if each < layout.size:
            return
        data = self._read(offset, each * min(count, _MOST_HEADERS))
        for at in range(0, len(data) - layout.size + 1, each):
            yield layout.unpack_from(data, at)

    # --- how it is loaded

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(
            Segment(offset, address, file_size, bool(flags & _EXECUTABLE))
            for type, flags, offset, address, _, file_size, *_ in self._programs
            if type == _LOAD
        )

    def offset_of(self, address: int) -> int | None:
        """Where in the file the code at a virtual address is; None where no executable segment has it."""
        for segment in self.segments:
            if segment.executable and 0 <= address - segment.address < segment.file_size:
                return address - segment.address + segment.offset
        return None

    def address_of(self, offset: int) -> int | None:
        """The virtual address of a byte of the file; None where no executable segment has it."""
        for segment in self.segments:
            if segment.executable and 0 <= offset - segment.offset < segment.file_size:
                return offset - segment.offset + segment.address
        return None

    def data_offset_of(self, address: int) -> int | None:
        """The same for data: where in the file a byte of any segment is."""
        for segment in self.segments:
            if 0 <= address - segment.address < segment.file_size:
                return address - segment.address + segment.offset
        return None

    @cached_property
    def interpreter(self) -> str:
        """The dynamic linker that it names, "" for a library and for what is statically linked."""
        for type, _, offset, _, _, size, *_ in self._programs:
            if type == _INTERPRETER:
                return self._read(offset, min(size, 4096)).rstrip(b"\0").decode("utf-8", "replace")
        return ""

    @cached_property
    def _dynamic(self) -> tuple[tuple[int, int], ...]:
        for type, _, offset, _, _, size, *_ in self._programs:
            if type == _DYNAMIC:
                data = self._read(offset, min(size, 1 << 20))
                return tuple(struct.iter_unpack(self.order + "QQ", data[: len(data) // 16 * 16]))
        return ()

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The libraries that it asks the dynamic linker for."""
        return tuple(self._dynamic_text(value) for tag, value in self._dynamic if tag == _NEEDED)

    @cached_property
    def soname(self) -> str:
        return next((self._dynamic_text(value) for tag, value in self._dynamic if tag == _SONAME), "")

    def _dynamic_text(self, at: int) -> str:
        table = next((value for tag, value in self._dynamic if tag == _STRTAB), None)
        offset = None if table is None else self.data_offset_of(table)
        return "" if offset is None else _text(self._read(offset + at, 4096), 0)

    @property
    def is_static(self) -> bool:
        """Whether it is a program that uses no library. What has neither mark may still be a library."""
        return not self.interpreter and not self.needed and (self.type == FIXED or not self.soname)

    # --- sections

    @cached_property
    def sections(self) -> tuple[_Section, ...]:
        names = b""
        if self._names < len(self._headers):
            _, type, _, _, offset, size, *_ = self._headers[self._names]
            names = b"" if type == _NOBITS else self._read(offset, min(size, 1 << 20))
        return tuple(
            _Section(_text(names, name), type, offset, size, link, info, address)
            for name, type, _, address, offset, size, link, info, _, _ in self._headers
        )

    def section(self, name: str) -> bytes:
        """The bytes of a section, b"" where there is none, or where it is too large to be one."""
        return next((self._bytes(each) for each in self.sections if each.name == name), b"")

    def section_address(self, name: str) -> int | None:
        """The virtual address of a section."""
        return next((each.address for each in self.sections if each.name == name), None)

    def _bytes(self, section: _Section) -> bytes:
        if section.type == _NOBITS or section.size > _MOST_TABLE:
            return b""
        return self._read(section.offset, section.size)

    def notes(self, owner: bytes) -> Iterator[tuple[int, bytes]]:
        """(type, contents) of the notes of one owner, from every note section and, without them, segment."""
        places = [(each.offset, each.size, 4) for each in self.sections if each.type == 7]
        if not self.sections:
            places = [(row[2], row[5], row[7]) for row in self._programs if row[0] == _NOTE]
        for offset, size, align in places:
            if size <= _MOST_TABLE:
                yield from self._notes(self._read(offset, size), owner, 8 if align == 8 else 4)

    def _notes(self, data: bytes, owner: bytes, align: int) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 12 <= len(data):
            name, size, type = struct.unpack_from(self.order + "III", data, at)
            start = at + 12
            contents = (start + name + align - 1) // align * align
            if data[start : start + name].rstrip(b"\0") == owner:
                yield type, data[contents : contents + size]
            at = (contents + size + align - 1) // align * align

    @cached_property
    def build_id(self) -> str:
        """In hexadecimal digits, "" where there is none."""
        return next((desc.hex() for type, desc in self.notes(b"GNU") if type == _BUILD_ID), "")

    @cached_property
    def debug_link(self) -> str:
        """The file name that `.gnu_debuglink` gives for the split debug information."""
        return _text(self.section(".gnu_debuglink"), 0)

    # --- functions

    @cached_property
    def is_stripped(self) -> bool:
        """Whether only the names that other files may use are left."""
        return not any(each.type == _SYMTAB and each.size for each in self.sections)

    def functions(self, name: str) -> tuple[Function, ...]:
        """The functions of this name, in every table and version; `name@VERSION` are those of one."""
        name, at, version = name.partition("@")
        found = [each for each in self._named(name.encode("utf-8", "surrogateescape")) if each.name == name]
        wanted = version.lstrip("@")
        return tuple(each for each in found if not at or each.version == wanted)

    def imports(self, name: str) -> bool:
        """Whether it calls a function of this name in a library."""
        wanted = name.encode("utf-8", "surrogateescape")
        for section in self.sections:
            if section.type == _DYNSYM and section.link < len(self.sections):
                strings = self._bytes(self.sections[section.link])
                places = _places(strings, wanted)
                entries = self._bytes(section) if places else b""
                for text, info, _, index, _, _ in struct.iter_unpack(
                    self.order + "IBBHQQ", entries[: len(entries) // 24 * 24]
                ):
                    if text in places and not index and info & 0xF in (_FUNC, _NOTYPE):
                        return True
        return False

    def _named(self, name: bytes) -> Iterator[Function]:
        """Symbols called `name` or `name@VERSION`. The string table first: there may be a million."""
        for index, section in enumerate(self.sections):
            if section.type in (_SYMTAB, _DYNSYM) and section.link < len(self.sections):
                strings = self._bytes(self.sections[section.link])
                places = _places(strings, name)
                if places:
                    entries = self._bytes(section)
                    layout = struct.Struct(self.order + "I20x")
                    rows = layout.iter_unpack(entries[: len(entries) // 24 * 24])
                    for number, (text,) in enumerate(rows):
                        if text in places and (found := self._function(index, number, entries, strings)):
                            yield found
        if self.debugdata is not None:
            for each in self.debugdata._named(name):
                yield replace(each, table="debugdata")

    def all_functions(self) -> Iterator[Function]:
        """Every function that has a name and a place in this file."""
        for index, section in enumerate(self.sections):
            if section.type in (_SYMTAB, _DYNSYM) and section.link < len(self.sections):
                strings, entries = self._bytes(self.sections[section.link]), self._bytes(section)
                for number in range(len(entries) // 24):
                    if found := self._function(index, number, entries, strings):
                        yield found
        if self.debugdata is not None:
            yield from self.debugdata.all_functions()

    def _function(self, table: int, number: int, entries: bytes, strings: bytes) -> Function | None:
        text, info, _, section, value, size = struct.unpack_from(self.order + "IBBHQQ", entries, number * 24)
        kind = info & 0xF
        if kind not in (_NOTYPE, _FUNC, _INDIRECT) or not section or not value:
            return None
        name, _, version = _text(strings, text).partition("@")
        is_default = version.startswith("@") or not version
        version = version.lstrip("@")
        is_dynamic = self.sections[table].type == _DYNSYM
        if is_dynamic and number < len(self._versions):
            word = self._versions[number]
            version = self._version_names.get(word & ~_HIDDEN, "")
            is_default = not word & _HIDDEN
        return Function(
            name,
            version,
            is_default,
            value,
            size,
            kind == _INDIRECT,
            kind != _NOTYPE,
            "dynsym" if is_dynamic else "symtab",
        )

    @cached_property
    def _versions(self) -> tuple[int, ...]:
        """A number for each symbol of the dynamic table."""
        data = next((self._bytes(each) for each in self.sections if each.type == _VERSYM), b"")
        return struct.unpack(f"{self.order}{len(data) // 2}H", data[: len(data) // 2 * 2])

    @cached_property
    def _version_names(self) -> dict[int, str]:
        """Number -> name of the versions that this library defines."""
        section = next((each for each in self.sections if each.type == _VERDEF), None)
        if section is None or section.link >= len(self.sections):
            return {}
        data, strings = self._bytes(section), self._bytes(self.sections[section.link])
        names: dict[int, str] = {}
        at = 0
        for _ in range(min(section.info, 0x7FFF)):
            if at + 20 > len(data):
                break
            _, flags, index, _, _, first, after = struct.unpack_from(self.order + "HHHHIII", data, at)
            if not flags & 1 and at + first + 4 <= len(data):  # 1: names the file itself
                names[index] = _text(strings, struct.unpack_from(self.order + "I", data, at + first)[0])
            if not after:
                break
            at += after
        return names

    @cached_property
    def debugdata(self) -> Executable | None:
        """The symbols that Fedora leaves in stripped files: an ELF file, compressed with xz."""
        packed = self.section(".gnu_debugdata")
        if not packed:
            return None
        import lzma

        try:
            plain = lzma.LZMADecompressor(memlimit=256 << 20).decompress(packed, _MOST_INFLATED)
        except lzma.LZMAError:
            return None
        inner = Executable.read(lambda at, size: plain[at : at + size])
        if inner is not None:
            inner.__dict__["debugdata"] = None  # no file in the file in the file
        return inner


def _places(strings: bytes, name: bytes) -> set[int]:
    """Where `name`, alone or with a version, is in a string table: also as another name's end."""
    found: set[int] = set()
    at = strings.find(name)
    while at >= 0:
        if strings[at + len(name) : at + len(name) + 1] in (b"\0", b"@"):
            found.add(at)
        at = strings.find(name, at + 1)
    return found


def _text(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset)
    return strings[offset : end if end >= 0 else None].decode("utf-8", "surrogateescape")
