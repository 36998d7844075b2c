"""Types from DWARF: those of locals, which .BTF leaves out."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from bpfdoctor.formats import debug_info as di
from bpfdoctor.formats.btf import Kind, Member

_ARRAY, _ENUM, _POINTER, _STRUCT, _TYPEDEF, _UNION = 0x01, 0x04, 0x0F, 0x13, 0x16, 0x17
_SUBRANGE, _MEMBER, _BASE = 0x21, 0x0D, 0x24
_CONST, _VOLATILE, _RESTRICT, _ATOMIC = 0x26, 0x35, 0x37, 0x47
_BEHIND = frozenset({_TYPEDEF, _CONST, _VOLATILE, _RESTRICT, _ATOMIC})
_WORDS = {_STRUCT: "struct", _UNION: "union", _ENUM: "enum"}
_AT_BIT_OFFSET, _AT_BIT_SIZE, _AT_MEMBER, _AT_DATA_BIT_OFFSET = 0x0C, 0x0D, 0x38, 0x6B
_DEEPEST = 32


class DwarfTypes:
    """The types of an object; an id is the offset of a type's entry in .debug_info. Raises di.Damaged."""

    def __init__(self, info: di.DebugInfo) -> None:
        self._info = info
        self._entries: dict[int, di.DebugEntry] = {}

    @cached_property
    def _starts(self) -> list[int]:
        return [unit.start for unit in self._info.units]

    def _unit(self, id: int) -> di.Unit:
        at = bisect_right(self._starts, id) - 1
        if at < 0:
            raise di.Damaged
        return self._info.units[at]

    def _entry(self, id: int) -> di.DebugEntry:
        if id not in self._entries:
            self._entries[id] = self._unit(id).entry(id)
        return self._entries[id]

    def find(self, name: str) -> int | None:
        """The id of `struct x`, a typedef, or, without its keyword, a struct."""
        tags = [tag for tag, word in _WORDS.items() if name.startswith(word + " ")]
        bare = name.split(" ", 1)[1] if tags else name
        for tag in tags or (_TYPEDEF, _STRUCT, _UNION):
            found = self._by_name.get((tag, bare))
            if found is not None:
                return found
        return None

    @cached_property
    def _by_name(self) -> dict[tuple[int, str], int]:
        found: dict[tuple[int, str], int] = {}
        for unit in self._info.units:
            for tag in (_STRUCT, _UNION, _TYPEDEF):
                for at in unit.top_level(tag):
                    entry = unit.entry(at)
                    if entry.name() and (tag == _TYPEDEF or entry.number(di.AT_BYTE_SIZE) is not None):
                        found.setdefault((tag, entry.name()), at)
        return found

    def resolve(self, id: int) -> int:
        for _ in range(_DEEPEST):
            entry = self._entry(id)
            inner = entry.number(di.AT_TYPE)
            if entry.tag not in _BEHIND or inner is None:
                break
            id = inner
        return id

    def pointee(self, id: int) -> int | None:
        """What a pointer points to; None for what is no pointer, and for void *."""
        entry = self._entry(self.resolve(id))
        return entry.number(di.AT_TYPE) if entry.tag == _POINTER else None

    def kind(self, id: int) -> Kind:
        entry = self._entry(self.resolve(id))
        if entry.tag in (_STRUCT, _UNION):
            return "struct"
        return "array" if entry.tag == _ARRAY and len(self._counts(entry.at)) == 1 else "scalar"

    def size(self, id: int, depth: int = 0) -> int | None:
        entry = self._entry(self.resolve(id))
        size, inner = entry.number(di.AT_BYTE_SIZE), entry.number(di.AT_TYPE)
        if entry.tag == _POINTER:
            return 8
        if size is not None or depth > _DEEPEST or inner is None or entry.tag != _ARRAY:
            return size
        total = self.size(inner, depth + 1)
        for count in self._counts(entry.at):
            total = total * count if total is not None and count is not None else None
        return total

    def array(self, id: int) -> tuple[int, int] | None:
        entry = self._entry(self.resolve(id))
        inner = entry.number(di.AT_TYPE)
        return (inner, self._counts(entry.at)[0] or 0) if self.kind(id) == "array" and inner else None

    def _counts(self, array: int) -> list[int | None]:
        """Elements in each dimension; None for `[]`."""
        found: list[int | None] = []
        for child in self._unit(array).tree(array).children:
            if child.tag == _SUBRANGE:
                upper = child.number(di.AT_UPPER_BOUND)
                found.append(child.number(di.AT_COUNT) if upper is None else upper + 1)
        return found

    def members(self, id: int) -> tuple[Member, ...]:
        entry = self._entry(self.resolve(id))
        if entry.tag not in (_STRUCT, _UNION):
            return ()
        children = self._unit(entry.at).tree(entry.at).children
        return tuple(self._member(child) for child in children if child.tag == _MEMBER)

    def _member(self, entry: di.DebugEntry) -> Member:
        start = 8 * (entry.number(_AT_MEMBER) or 0)
        bits = entry.number(_AT_BIT_SIZE) or 0
        if bits:
            offset = entry.number(_AT_DATA_BIT_OFFSET)
            if offset is not None:
                start = offset
            else:  # DWARF 4 counts from the highest bit of the storage unit
                start += 8 * (entry.number(di.AT_BYTE_SIZE) or 0) - (entry.number(_AT_BIT_OFFSET) or 0) - bits
        return Member(entry.name(), entry.number(di.AT_TYPE) or 0, start, bits)

    def name(self, id: int, depth: int = 0) -> str:
        """How C spells the type."""
        entry = self._entry(id)
        inner = entry.number(di.AT_TYPE)
        if depth > _DEEPEST:
            return ""
        if entry.tag in (_POINTER, _CONST, _VOLATILE, _ARRAY):
            of = self.name(inner, depth + 1) if inner else "void"
            if entry.tag == _POINTER:
                return of + ("*" if of.endswith("*") else " *")
            if entry.tag == _ARRAY:
                return of + "".join(f"[{'' if count is None else count}]" for count in self._counts(id))
            word = "const" if entry.tag == _CONST else "volatile"
            return f"{of} {word}" if of.endswith("*") else f"{word} {of}"
        word = _WORDS.get(entry.tag, "")
        return f"{word} {entry.name()}".strip()
