"""Which member of a type lies at an offset, and which bytes of a type belong to no member."""

from __future__ import annotations

from typing import Protocol

from bpfdoctor.formats.btf import Kind, Member
from bpfdoctor.model.record import dataclass

_MOST_VISITS = 4096  # types looked at for one answer; a forged union could ask for 2**32
_DEEPEST = 32


class Types(Protocol):
    """Types by id, wherever they come from. Sizes are bytes, None when not known."""

    def find(self, name: str) -> int | None: ...
    def resolve(self, id: int) -> int: ...
    def kind(self, id: int) -> Kind: ...
    def size(self, id: int) -> int | None: ...
    def array(self, id: int) -> tuple[int, int] | None: ...
    def members(self, id: int) -> tuple[Member, ...]: ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar or pointer inside a type, in bytes from the type's start. `path` as in C: `in[2].port`."""

    path: str
    offset: int
    size: int
    type: int


@dataclass(frozen=True, slots=True)
class Fields:
    """The members of a type in order, and the byte ranges (start, end exclusive) that belong to none."""

    leaves: tuple[Leaf, ...]
    padding: tuple[tuple[int, int], ...]


def member_at(types: Types, type: int, offset: int, size: int = 0) -> str | None:
    """The path of what an access of `size` bytes at `offset` touches: `dest`, `in[2].port`, `saddr`.

    "" is the object as a whole. None: padding, out of the type, or several bit-fields. `size` 0: not known.
    """
    if offset < 0:
        return None
    return _Search(types).at(type, offset, size, 0)[0]


class _Search:
    """One look-up. `at` returns (path or None, whether the access is exactly that member)."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.visits = 0

    def at(self, type: int, offset: int, size: int, depth: int) -> tuple[str | None, bool]:
        self.visits += 1
        here = self.types.resolve(type)
        whole = self.types.size(here)
        if whole is None or depth > _DEEPEST or self.visits > _MOST_VISITS:
            return None, False
        kind = self.types.kind(here)
        if kind == "array":
            return self._element(here, offset, size, depth)
        if offset >= whole or offset + size > whole:
            return None, False
        if kind == "scalar":
            return "", offset == 0 and size in (0, whole)
        return self._inside(here, whole, offset, size, depth)

    def _element(self, array: int, offset: int, size: int, depth: int) -> tuple[str | None, bool]:
        element, count = self.types.array(array) or (0, 0)
        each = self.types.size(element)
        if not each or (count and offset + size > each * count):
            return None, False
        index, rest = divmod(offset, each)
        if size > each:  # several elements at once: a memcpy, a zeroing store
            whole = offset == 0 and size == each * count
            return ("", True) if whole else (f"[{index}]", False)
        path, exact = self.at(element, rest, size, depth + 1)
        return (None, False) if path is None else (f"[{index}]{path and _dot(path)}", exact)

    def _inside(self, type: int, whole: int, offset: int, size: int, depth: int) -> tuple[str | None, bool]:
        paths: list[tuple[str, bool]] = []
        bit_fields = 0
        for member in self.types.members(type):
            if member.bits:
                first, last = member.bit_offset, member.bit_offset + member.bits
                if first < (offset + max(size, 1)) * 8 and offset * 8 < last:
                    bit_fields += 1
                    paths.append((member.name, False))
                continue
            start = member.bit_offset // 8
            if start > offset:
                continue
            path, exact = self.at(member.type, offset - start, size, depth + 1)
            if path is not None:
                paths.append((_join(member.name, path), exact))
            if self.visits > _MOST_VISITS:
                break
        for path, exact in paths:
            if exact:
                return path, True
        if offset == 0 and size == whole:
            return "", True  # a copy of the whole
        if not paths or bit_fields > 1:
            return None, False
        return paths[0]


def _dot(path: str) -> str:
    return path if path.startswith("[") else "." + path


def _join(name: str, path: str) -> str:
    if not name or not path:
        return name or path
    return name + _dot(path)


def leaves(types: Types, type: int, most: int = 512) -> tuple[Leaf, ...]:
    """The scalars of a type in order of offset, unions by their first-listed members; at most `most`."""
    found: list[Leaf] = []
    budget = [_MOST_VISITS]

    def walk(type: int, path: str, offset: int, depth: int) -> None:
        budget[0] -= 1
        here = types.resolve(type)
        size = types.size(here)
        if not size or depth > _DEEPEST or len(found) >= most or budget[0] < 0:
            return
        kind = types.kind(here)
        if kind == "array":
            element, count = types.array(here) or (0, 0)
            each = types.size(element) or 0
            if each == 1:  # char name[16] is one thing to a reader
                found.append(Leaf(path, offset, size, here))
                return
            for index in range(min(count, most)):
                walk(element, f"{path}[{index}]", offset + index * each, depth + 1)
        elif kind == "struct":
            for member in types.members(here):
                walk_member(member, path, offset, depth)
        else:
            found.append(Leaf(path, offset, size, here))

    def walk_member(member: Member, path: str, offset: int, depth: int) -> None:
        inner = f"{path}.{member.name}" if path and member.name else path or member.name
        if member.bits:
            first, last = member.bit_offset // 8, (member.bit_offset + member.bits - 1) // 8
            found.append(Leaf(inner, offset + first, last - first + 1, member.type))
        else:
            walk(member.type, inner, offset + member.bit_offset // 8, depth + 1)

    walk(type, "", 0, 0)
    return tuple(sorted(found[:most], key=lambda leaf: leaf.offset))


def fields(types: Types, type: int) -> Fields:
    return Fields(leaves(types, type), padding(types, type))


def padding(types: Types, type: int) -> tuple[tuple[int, int], ...]:
    """Byte ranges (start, end exclusive) of a type that belong to no member."""
    size = types.size(type) or 0
    holes: list[tuple[int, int]] = []
    reached = 0
    all_leaves = leaves(types, type, _MOST_VISITS)
    for leaf in all_leaves:
        if leaf.offset > reached:
            holes.append((reached, leaf.offset))
        reached = max(reached, leaf.offset + leaf.size)
    if 0 < reached < size and len(all_leaves) < _MOST_VISITS:
        holes.append((reached, size))
    return tuple(holes)
