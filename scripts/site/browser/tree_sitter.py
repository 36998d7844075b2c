"""Stands in the browser for the package of this name: trees that web-tree-sitter made, as one table.

The worker's `parse` (site/src/trees.js) gives COLUMNS numbers for each visible node, parents first: its type,
field, 1 if it is named, start and end in the text, where its subtree ends in the table, and its parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import bpfdoctor_trees  # type: ignore[import-not-found]  # the worker registers it

COLUMNS = 7
_TYPE, _FIELD, _NAMED, _START, _END, _NEXT, _PARENT = range(COLUMNS)

_ERROR = 0xFFFF  # the type of what does not fit the grammar


class Language:
    def __init__(self, _: None) -> None:
        self.types: list[str] = bpfdoctor_trees.types.to_py()
        self.fields = {name: number for number, name in enumerate(bpfdoctor_trees.fields.to_py()) if name}


class Parser:
    def __init__(self, language: Language) -> None:
        self._language = language

    def parse(self, text: bytes) -> Tree:
        """The tree over a text, of which each byte is a letter."""
        return Tree(
            text,
            memoryview(bpfdoctor_trees.parse(text.decode("latin-1")).to_bytes()).cast("i"),
            self._language,
        )


class Tree:
    def __init__(self, text: bytes, table: memoryview[Any], language: Language) -> None:
        self.text = text
        self.table = cast("memoryview[int]", table)
        self.language = language

    @property
    def root_node(self) -> Node:
        return Node(self, 0)


class Node:
    """A row of the table. Two of the same row are equal."""

    __slots__ = ("_tree", "id")

    def __init__(self, tree: Tree, row: int) -> None:
        self._tree = tree
        self.id = row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and (self.id, self._tree) == (other.id, other._tree)

    def __hash__(self) -> int:
        return self.id

    def _cell(self, column: int) -> int:
        return self._tree.table[self.id * COLUMNS + column]

    @property
    def type(self) -> str:
        number = self._cell(_TYPE)
        return "ERROR" if number == _ERROR else self._tree.language.types[number]

    @property
    def is_named(self) -> bool:
        return bool(self._cell(_NAMED))

    @property
    def start_byte(self) -> int:
        return self._cell(_START)

    @property
    def end_byte(self) -> int:
        return self._cell(_END)

    @property
    def text(self) -> bytes:
        return self._tree.text[self.start_byte : self.end_byte]

    @property
    def parent(self) -> Node | None:
        row = self._cell(_PARENT)
        return Node(self._tree, row) if row >= 0 else None

    def _inside(self) -> Iterator[Node]:
        row, end = self.id + 1, self._cell(_NEXT)
        while row < end:
            child = Node(self._tree, row)
            yield child
            row = child._cell(_NEXT)

    @property
    def children(self) -> list[Node]:
        return list(self._inside())

    @property
    def named_children(self) -> list[Node]:
        return [child for child in self._inside() if child.is_named]

    def children_by_field_name(self, name: str) -> list[Node]:
        field = self._tree.language.fields.get(name)
        return [child for child in self._inside() if child._cell(_FIELD) == field]

    def child_by_field_name(self, name: str) -> Node | None:
        return next(iter(self.children_by_field_name(name)), None)

    @property
    def prev_sibling(self) -> Node | None:
        return self._neighbour(-1, named=False)

    @property
    def next_named_sibling(self) -> Node | None:
        return self._neighbour(1, named=True)

    def _neighbour(self, step: int, *, named: bool) -> Node | None:
        if (parent := self.parent) is None:
            return None
        row = parent.children
        at = row.index(self) + step
        while 0 <= at < len(row) and named and not row[at].is_named:
            at += step
        return row[at] if 0 <= at < len(row) else None

    def descendant_for_byte_range(self, start: int, end: int) -> Node | None:
        """The smallest node that has all of start..end."""
        return self._smallest(start, end, named=False)

    def named_descendant_for_byte_range(self, start: int, end: int) -> Node | None:
        return self._smallest(start, end, named=True)

    def _smallest(self, start: int, end: int, *, named: bool) -> Node:
        found, here = self, self
        while True:
            reaching = (child for child in here._inside() if child.end_byte >= end and child.end_byte > start)
            child = next(reaching, None)
            if child is None or child.start_byte > start:
                return found
            here = child
            if child.is_named or not named:
                found = child
