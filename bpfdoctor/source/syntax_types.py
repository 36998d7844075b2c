"""Types from the C text alone, laid out as clang does for BPF: for BCC programs, whose object nobody sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bpfdoctor.formats.btf import Kind, Member
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Field, Struct

_BITS = (8, 16, 32, 64)
_SIZES: Mapping[str, int] = {
    "char": 1, "signed char": 1, "unsigned char": 1, "bool": 1, "_Bool": 1,
    "short": 2, "unsigned short": 2, "int": 4, "unsigned int": 4, "unsigned": 4, "float": 4,
    "long": 8, "unsigned long": 8, "long long": 8, "unsigned long long": 8, "long int": 8,
    "long unsigned int": 8, "double": 8, "size_t": 8, "ssize_t": 8, "uintptr_t": 8, "loff_t": 8,
    "pid_t": 4, "uid_t": 4, "gid_t": 4, "dev_t": 4, "mode_t": 2, "umode_t": 2, "ino_t": 8, "sector_t": 8,
    **{f"{name}{bits}": bits // 8 for name in ("u", "s", "__u", "__s", "__be", "__le") for bits in _BITS},
    **{f"{name}{bits}_t": bits // 8 for name in ("uint", "int", "u_int") for bits in _BITS},
}  # fmt: skip
_CONSTANTS = {"TASK_COMM_LEN": 16, "IFNAMSIZ": 16, "ETH_ALEN": 6, "NAME_MAX": 255, "PATH_MAX": 4096}
_QUALIFIERS = re.compile(r"\b(?:const|volatile|enum\s+\w+)\b\s*")
_SUFFIX = re.compile(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b")
_OPERATORS: Mapping[str, Callable[[int, int], int]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mult": lambda a, b: a * b,
    "LShift": lambda a, b: a << min(b, 32),
}
_LARGEST = 1 << 24
_DEEPEST = 16


class UnknownType(Exception):
    """A type or an array size that the text does not tell."""


class SyntaxTypes:
    """Types by name. Ids are handed out as types are met. Raises Unknown."""

    def __init__(self, c: CFile) -> None:
        self._c = c
        self._known: list[tuple[str, tuple[int, ...]]] = []  # (type without arrays, dimensions)

    def find(self, name: str) -> int | None:
        """The id of a struct or union that the text defines and that can be laid out."""
        known = self._struct(name)
        if known is None:
            return None
        id = self._id(name, ())
        try:
            self.size(id)
        except UnknownType:
            return None
        return id

    def declared(self, type: str, arrays: tuple[str, ...]) -> int | None:
        """The id of a declaration's type (`char` with `("16",)`) when its size is known."""
        try:
            id = self._id(" ".join(_QUALIFIERS.sub("", type).split()), tuple(map(self.number, arrays)))
            return id if self.size(id) else None
        except UnknownType:
            return None

    def _struct(self, name: str) -> Struct | None:
        return self._c.structs.get(name) or self._c.structs.get(f"struct {name}")

    def _id(self, name: str, arrays: tuple[int, ...]) -> int:
        key = (name, arrays)
        if key not in self._known:
            self._known.append(key)
        return self._known.index(key)

    def resolve(self, id: int) -> int:
        return id

    def kind(self, id: int) -> Kind:
        name, arrays = self._known[id]
        if arrays:
            return "array"
        return "struct" if not name.endswith("*") and self._struct(name) else "scalar"

    def array(self, id: int) -> tuple[int, int] | None:
        name, arrays = self._known[id]
        return (self._id(name, arrays[1:]), arrays[0]) if arrays else None

    def size(self, id: int) -> int | None:
        return self._layout(*self._known[id], 0)[0]

    def members(self, id: int) -> tuple[Member, ...]:
        known = self._struct(self._known[id][0])
        if known is None:
            return ()
        return tuple(Member(field.name, type, 8 * at) for field, type, at in self._placed(known, 0)[0])

    def _layout(self, name: str, arrays: tuple[int, ...], depth: int) -> tuple[int, int]:
        """(size, alignment) in bytes."""
        count = 1
        for dimension in arrays:
            count *= dimension
        bare = " ".join(_QUALIFIERS.sub("", name).split())
        if depth > _DEEPEST:
            raise UnknownType(name)
        if bare.endswith("*"):
            return 8 * count, 8
        if bare in _SIZES:
            return _SIZES[bare] * count, _SIZES[bare]
        if not bare:
            return 4 * count, 4  # what is left of an enum
        known = self._struct(bare)
        if known is None:
            raise UnknownType(name)
        _, size, alignment = self._placed(known, depth + 1)
        return size * count, alignment

    def _placed(self, known: Struct, depth: int) -> tuple[list[tuple[Field, int, int]], int, int]:
        """(fields with type id and offset, size, alignment) of a struct or union."""
        union = known.name.startswith("union ")
        found: list[tuple[Field, int, int]] = []
        end, widest = 0, 1
        if known.attributes:
            raise UnknownType(known.name)  # packed, aligned
        for field in known.fields:
            if field.bits is not None or not field.name:
                raise UnknownType(known.name)
            arrays = tuple(self.number(size) for size in field.arrays)
            size, alignment = self._layout(field.type, arrays, depth)
            at = 0 if union else (end + alignment - 1) // alignment * alignment
            found.append((field, self._id(field.type, arrays), at))
            end, widest = max(end, at + size), max(widest, alignment)
        return found, (end + widest - 1) // widest * widest, widest

    def number(self, text: str, depth: int = 0) -> int:
        """An array's size or a loop's bound: numbers and macros for numbers, with C's operators between."""
        import ast

        if depth > _DEEPEST:
            raise UnknownType(text)
        try:
            tree = ast.parse(_SUFFIX.sub(r"\1", text), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise UnknownType(text) from None

        def value(node: ast.expr, nested: int) -> int:
            if nested > _DEEPEST:
                raise UnknownType(text)
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value < 1 << 64:
                return node.value
            if isinstance(node, ast.Name):
                macro = self._c.macros.get(node.id)
                if macro is not None and macro.params is None:
                    return self.number(macro.value, depth + 1)
                if node.id in _CONSTANTS:
                    return _CONSTANTS[node.id]
            if isinstance(node, ast.BinOp) and type(node.op).__name__ in _OPERATORS:
                left, right = value(node.left, nested + 1), value(node.right, nested + 1)
                if max(left, right) < _LARGEST and min(left, right) >= 0:
                    return _OPERATORS[type(node.op).__name__](left, right)
            raise UnknownType(text)

        return value(tree.body, 0)
