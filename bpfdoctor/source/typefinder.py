"""Finds a type by name wherever the program's types are: the object's BTF, its DWARF, the C text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from bpfdoctor.formats.debug_info import Damaged
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.members import Fields, Leaf, Types, fields, leaves, member_at, padding
from bpfdoctor.source.program import ObjectProgram
from bpfdoctor.source.syntax_types import SyntaxTypes, UnknownType

_Answer = TypeVar("_Answer")


class TypeFinder:
    def __init__(self, program: ObjectProgram | None, texts: Callable[[], Iterator[CFile]]) -> None:
        self._program = program
        self._texts = texts

    def member(self, type: str, offset: int, size: int) -> str | None:
        return self._first(type, lambda types, id: member_at(types, id, offset, size))

    def layout(self, type: str) -> tuple[tuple[Leaf, ...], tuple[tuple[int, int], ...]] | None:
        return self._first(type, lambda types, id: (leaves(types, id), padding(types, id)))

    def declared(self, type: str, arrays: tuple[str, ...]) -> tuple[int, Fields] | None:
        """(size, members) of what a declaration in the program's text declares."""
        if not arrays and (found := self._first(type, lambda types, id: (types.size(id), fields(types, id)))):
            return (found[0], found[1]) if found[0] else None
        for c in self._texts():
            types = SyntaxTypes(c)
            id = types.declared(type, arrays)
            if id is not None and (size := types.size(id)):
                return size, fields(types, id)
        return None

    def _first(self, type: str, ask: Callable[[Types, int], _Answer]) -> _Answer | None:
        """The answer of the first place that knows the type; a damaged place knows none."""
        for types in self._places():
            try:
                id = types.find(type)
                if id is not None:
                    return ask(types, id)
            except (Damaged, UnknownType, IndexError):
                continue
        return None

    def _places(self) -> Iterator[Types]:
        if self._program is not None:
            yield from self._program.types()
        for c in self._texts():
            yield SyntaxTypes(c)
