"""Types of a BPF object from its `.BTF` section: names, sizes, members with offsets, maps."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Literal

from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.record import dataclass

Kind = Literal["scalar", "struct", "array"]

# Kinds, from include/uapi/linux/btf.h.
INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF = range(1, 9)
VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = range(9, 20)
_MODIFIERS = frozenset({TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG})
_AGGREGATES = frozenset({STRUCT, UNION})
# Bytes after the 12-byte head: (fixed, per element of vlen).
_TAIL = {
    INT: (4, 0), ARRAY: (12, 0), STRUCT: (0, 12), UNION: (0, 12), ENUM: (0, 8), FUNC_PROTO: (0, 8),
    VAR: (4, 0), DATASEC: (0, 12), DECL_TAG: (4, 0), ENUM64: (0, 12),
}  # fmt: skip
_KEYWORD = {STRUCT: "struct", UNION: "union", ENUM: "enum", ENUM64: "enum", FWD: "struct"}
_DEEPEST = 32  # nested types; a chain longer than this is a loop or an attack
_POINTER = 8


@dataclass(frozen=True, slots=True)
class Type:
    """One type as it stands in the section. `ref` is a type id or a size in bytes, by kind."""

    kind: int
    name: str
    vlen: int
    flag: bool
    ref: int
    tail: int  # offset of the data after the head


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a struct or union. `bits` is 0 unless it is a bit-field."""

    name: str  # "" for anonymous structs and unions
    type: int
    bit_offset: int
    bits: int = 0


@dataclass(frozen=True, slots=True)
class MapDef:
    """A map of `.maps`. Sizes in bytes; type names as in C; None where the definition does not say."""

    name: str
    type: int | None = None  # BPF_MAP_TYPE_…
    key: str | None = None
    value: str | None = None
    key_size: int | None = None
    value_size: int | None = None
    max_entries: int | None = None
    value_id: int | None = None  # BTF id of the value's type
    flags: int | None = None  # BPF_F_…
    pinned: bool = False  # LIBBPF_PIN_BY_NAME


def _parts(data: bytes) -> tuple[str, bytes, bytes]:
    """(byte order, types, strings) of a .BTF section. Raises ValueError or struct.error."""
    if data[:2] not in (b"\x9f\xeb", b"\xeb\x9f"):
        raise ValueError("not BTF")
    order = "<" if data[:2] == b"\x9f\xeb" else ">"
    head, types, types_len, strings, strings_len = struct.unpack_from(order + "IIIII", data, 4)
    return order, data[head + types :][:types_len], data[head + strings :][:strings_len]


def _heads(types: bytes, order: str) -> Iterator[tuple[int, int, int, bool, int, int]]:
    """(offset of the name, kind, vlen, flag, ref, offset after the head) of each type, from id 1 on."""
    head = struct.Struct(order + "III")
    at, end = 0, len(types)
    while at + head.size <= end:
        name, info, ref = head.unpack_from(types, at)
        kind, vlen = info >> 24 & 0x1F, info & 0xFFFF
        fixed, each = _TAIL.get(kind, (0, 0))
        size = head.size + fixed + each * vlen
        if not INT <= kind <= ENUM64 or at + size > end:
            return  # a kind of a later kernel: its length is unknown, so nothing after it can be read
        yield name, kind, vlen, bool(info >> 31), ref, at + head.size
        at += size


def _string(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset) if 0 <= offset < len(strings) else -1
    return strings[offset:end].decode("utf-8", "replace") if end >= 0 else ""


def name_of(data: bytes, id: int) -> tuple[int, str] | None:
    """(kind, name) of one type, also in BTF as large as a kernel's; None for an unknown id or no BTF."""
    try:
        order, types, strings = _parts(data)
    except (ValueError, struct.error):
        return None
    found = next(islice(_heads(types, order), id - 1, None), None) if id > 0 else None
    return (found[1], _string(strings, found[0])) if found else None


def strings_of(data: bytes, offsets: Iterable[int]) -> dict[int, str]:
    """Strings of a .BTF section by their offsets; {} where it is none."""
    try:
        strings = _parts(data)[2]
    except (ValueError, struct.error):
        return {}
    return {offset: _string(strings, offset) for offset in offsets}


class Btf:
    """The types of one object. Ids count from 1; id 0 is void. Unknown ids give None or ""."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError or struct.error when the header is not BTF; a damaged end only loses types."""
        self.order, self._data, self._strings = _parts(data)
        self._read: dict[int, str] = {}
        self._types: list[Type] = [Type(0, "void", 0, False, 0, 0)]
        for name, kind, vlen, flag, ref, tail in _heads(self._data, self.order):
            self._types.append(Type(kind, self.string(name), vlen, flag, ref, tail))

    @classmethod
    def from_elf(cls, data: bytes | Elf) -> Btf | None:
        """The BTF of an ELF object; None when there is none that can be read."""
        elf = data if isinstance(data, Elf) else Elf.read(data)
        try:
            return cls(elf.data(".BTF")) if elf else None
        except (ValueError, struct.error):
            return None

    def string(self, offset: int) -> str:
        """Read once: every line of a file names the file."""
        found = self._read.get(offset)
        if found is None:
            found = self._read[offset] = _string(self._strings, offset)
        return found

    def __len__(self) -> int:
        return len(self._types)

    def type(self, id: int) -> Type | None:
        return self._types[id] if 0 <= id < len(self._types) else None

    def resolve(self, id: int) -> int:
        """The id after typedefs, const, volatile, restrict and type tags."""
        for _ in range(_DEEPEST):
            found = self.type(id)
            if found is None or found.kind not in _MODIFIERS:
                break
            id = found.ref
        return id

    def _words(self, of: Type, count: int) -> tuple[int, ...]:
        words: tuple[int, ...] = struct.unpack_from(f"{self.order}{count}I", self._data, of.tail)
        return words

    def array(self, id: int) -> tuple[int, int] | None:
        """(element type, number of elements) of an array."""
        found = self.type(self.resolve(id))
        if found is None or found.kind != ARRAY:
            return None
        element, _, count = self._words(found, 3)
        return element, count

    def members(self, id: int) -> tuple[Member, ...]:
        """Members of a struct or union, in order; () for anything else."""
        found = self.type(self.resolve(id))
        if found is None or found.kind not in _AGGREGATES:
            return ()
        words = self._words(found, 3 * found.vlen)
        split = found.flag  # with the flag set, the upper byte of an offset is a bit-field's width
        return tuple(
            Member(
                self.string(words[at]),
                words[at + 1],
                words[at + 2] & 0xFFFFFF if split else words[at + 2],
                words[at + 2] >> 24 if split else 0,
            )
            for at in range(0, len(words), 3)
        )

    def kind(self, id: int) -> Kind:
        found = self.type(self.resolve(id))
        if found is not None and found.kind in (ARRAY, STRUCT, UNION):
            return "array" if found.kind == ARRAY else "struct"
        return "scalar"

    def size(self, id: int, depth: int = 0) -> int | None:
        """Size in bytes; None for void, functions and what cannot be known."""
        id = self.resolve(id)
        found = self.type(id)
        if found is None or depth > _DEEPEST:
            return None
        if found.kind in (INT, STRUCT, UNION, ENUM, ENUM64, FLOAT, DATASEC):
            return found.ref
        if found.kind == PTR:
            return _POINTER
        if found.kind == VAR:
            return self.size(found.ref, depth + 1)
        array = self.array(id)
        element = self.size(array[0], depth + 1) if array else None
        return element * array[1] if array and element is not None else None

    def name(self, id: int, depth: int = 0) -> str:
        """How C spells the type: `struct udphdr *`, `const char *`, `__u8[16]`."""
        found = self.type(id)
        if found is None or depth > _DEEPEST:
            return ""
        kind = found.kind
        if kind in _KEYWORD:
            keyword = "union" if kind == FWD and found.flag else _KEYWORD[kind]
            return f"{keyword} {found.name}" if found.name else keyword
        if kind == ARRAY:
            element, _, count = self._words(found, 3)
            return f"{self.name(element, depth + 1)}[{count}]"
        if kind == FUNC_PROTO:
            return f"{self.name(found.ref, depth + 1)} (*)()"
        if kind not in (PTR, CONST, VOLATILE, RESTRICT, TYPE_TAG, VAR):
            return found.name
        inner = self.name(found.ref, depth + 1)
        if kind == PTR:
            return inner if inner.endswith("(*)()") else inner + ("*" if inner.endswith("*") else " *")
        if kind in (CONST, VOLATILE):
            word = "const" if kind == CONST else "volatile"
            return f"{inner} {word}" if inner.endswith("*") else f"{word} {inner}"
        return inner

    def params(self, id: int) -> tuple[tuple[str, int], ...]:
        """(name, type id) of the parameters of a function or prototype."""
        found = self.type(self.resolve(id))
        if found is not None and found.kind == FUNC:
            found = self.type(found.ref)
        if found is None or found.kind != FUNC_PROTO:
            return ()
        words = self._words(found, 2 * found.vlen)
        return tuple((self.string(words[at]), words[at + 1]) for at in range(0, len(words), 2))

    @cached_property
    def _named(self) -> dict[str, int]:
        names: dict[str, int] = {}
        for id, found in enumerate(self._types):
            if not found.name or found.kind in (FUNC, VAR, DATASEC, DECL_TAG, TYPE_TAG, FWD):
                continue
            # "struct x" and, where no typedef has it, plain "x" (logs print ptr_task_struct)
            if found.kind in (STRUCT, UNION, ENUM, ENUM64):
                names.setdefault(self.name(id), id)
            names.setdefault(found.name, id)
        return names

    def find(self, name: str) -> int | None:
        """The id of `struct x`, `x`, `__u32` …"""
        return self._named.get(name)

    @cached_property
    def functions(self) -> dict[str, int]:
        """Name -> id of the functions the object defines or calls."""
        return {found.name: id for id, found in enumerate(self._types) if found.kind == FUNC}

    def tags(self, id: int) -> tuple[str, ...]:
        """Declaration tags (`__arg_ctx`, `exception_callback:…`) on a type as a whole or on its arguments."""
        return tuple(found.name for found in self._types if found.kind == DECL_TAG and found.ref == id)

    def variables_of(self, id: int) -> tuple[tuple[int, int, int], ...]:
        """(id of the variable, offset, bytes) of a section of variables."""
        of = self.type(id)
        words = self._words(of, 3 * of.vlen) if of is not None else ()
        return tuple(zip(words[::3], words[1::3], words[2::3], strict=True))

    @cached_property
    def variables(self) -> dict[str, int]:
        """Name -> type id of the variables the object defines."""
        return {found.name: found.ref for found in self._types if found.kind == VAR}

    @cached_property
    def maps(self) -> dict[str, MapDef]:
        """The maps of `.maps`, by name."""
        found: dict[str, MapDef] = {}
        for section in self._types:
            if section.kind == DATASEC and section.name == ".maps":
                for id in self._words(section, 3 * section.vlen)[::3]:
                    var = self.type(id)
                    if var is not None and var.kind == VAR:
                        found[var.name] = self._map(var.name, var.ref)
        return found

    def _map(self, name: str, id: int) -> MapDef:
        """libbpf's rules: `type (*x)[N]` is the number N, `key`/`value` are pointers to the type."""
        numbers: dict[str, int] = {}
        types: dict[str, int] = {}
        for member in self.members(id):
            pointer = self.type(self.resolve(member.type))
            if pointer is None or pointer.kind != PTR:
                continue
            array = self.array(pointer.ref)
            if member.name in ("key", "value"):
                types[member.name] = pointer.ref
            elif array is not None:
                numbers[member.name] = array[1]
        key, value = types.get("key"), types.get("value")
        return MapDef(
            name=name,
            type=numbers.get("type"),
            key=self.name(key) if key is not None else None,
            value=self.name(value) if value is not None else None,
            key_size=numbers.get("key_size") if key is None else self.size(key),
            value_size=numbers.get("value_size") if value is None else self.size(value),
            max_entries=numbers.get("max_entries"),
            value_id=value,
            flags=numbers.get("map_flags"),
            pinned=bool(numbers.get("pinning")),
        )
