"""A C text as a syntax tree in which offsets, lines and the user's own text can be turned into each other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from tree_sitter import Language, Node, Parser
from tree_sitter_c import language

from bpfdoctor.source.cvalues import Span
from bpfdoctor.source.dialect import Plain, plain

_PARSER = Parser(Language(language()))
_HEADED = ("if_statement", "while_statement", "do_statement", "for_statement", "switch_statement")
DEEPEST = 400  # nested nodes: nobody writes more, and what looks at each of them stays fast


class Tree:
    """The tree over the blanked text. Its bytes and the text's characters have the same offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain: Plain = plain(text)
        self.code = self.plain.code.encode("ascii", "replace")
        self.root: Node = _PARSER.parse(self.code).root_node
        self._parents: dict[int, Node] = {}
        self.starts = [0]
        at = text.find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends."""
        return tuple(line.removesuffix("\r") for line in self.text.split("\n"))

    def line_of(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    def bounds(self, line: int) -> tuple[int, int]:
        """Offsets of a line's first character and after its last."""
        if not 1 <= line <= len(self.starts):
            return (len(self.text), len(self.text))
        return self.starts[line - 1], self.starts[line] if line < len(self.starts) else len(self.text)

    def span(self, node: Node) -> Span:
        return self.span_of(node.start_byte, node.end_byte)

    def span_of(self, start: int, end: int) -> Span:
        first, last = self.line_of(start), self.line_of(max(start, end - 1))
        return Span(first, start - self.starts[first - 1] + 1, last, end - self.starts[last - 1] + 1)

    def source(self, node: Node | None) -> str:
        """The user's text of a node, on one line."""
        return "" if node is None else " ".join(self.text[node.start_byte : node.end_byte].split())

    def word(self, node: Node | None) -> str:
        """The text of a name."""
        return "" if node is None else self.text[node.start_byte : node.end_byte].strip()

    def walk(self, node: Node, start: int, end: int) -> Iterator[Node]:
        """Named nodes that overlap offsets start..end, in the order of the text."""
        stack = [(node, 0)]
        while stack:
            here, depth = stack.pop()
            yield here
            if depth < DEEPEST:
                inside = [n for n in here.named_children if n.start_byte < end and n.end_byte > start]
                for child in reversed(inside):
                    self._parents[child.id] = here
                    stack.append((child, depth + 1))

    def parent(self, node: Node) -> Node | None:
        """What a node is directly part of; kept, because tree-sitter looks for it from the root down."""
        known = self._parents.get(node.id)
        if known is None:
            known = node.parent
            if known is not None:
                self._parents[node.id] = known
        return known

    def ancestors(self, node: Node | None) -> Iterator[Node]:
        """A node and what it is part of, innermost first."""
        for _ in range(DEEPEST):
            if node is None:
                return
            yield node
            node = self.parent(node)

    def on_line(self, line: int, column: int | None = None) -> Iterator[Node]:
        """The nodes that a line is part of; with `column` only those of the statement that stands there."""
        start, end = self.bounds(line)
        statement = self.statement(start + column - 1) if column else None
        if statement is None:
            return self.walk(self.root, start, end)
        return self.walk(statement, max(start, statement.start_byte), min(end, statement.end_byte))

    def statement(self, offset: int) -> Node | None:
        """The innermost statement around an offset; of an if, a loop or a switch only a part of its head."""
        part = self.root.descendant_for_byte_range(offset, offset + 1)
        for node in self.ancestors(part):
            if node.type in _HEADED:
                return part if part != node else None
            if node.type == "compound_statement":
                return None
            if node.type.endswith("_statement") or node.type == "declaration":
                return node
            part = node
        return None


def leftmost(node: Node) -> Node:
    """The name an access starts from: `a` of `(*a->b)[i].c` and of `*((u64 *)a + 3)`."""
    for _ in range(DEEPEST):
        inner = node.child_by_field_name("argument") or node.child_by_field_name("function")
        if inner is None and node.type == "parenthesized_expression" and node.named_children:
            inner = node.named_children[0]
        if inner is None and node.type == "cast_expression":
            inner = node.child_by_field_name("value")
        if inner is None and node.type == "binary_expression":  # p + 64
            inner = node.child_by_field_name("left")
        if inner is None:
            break
        node = inner
    return node


def bare(node: Node) -> Node:
    """Without the parentheses around it."""
    for _ in range(DEEPEST):
        if node.type != "parenthesized_expression" or len(node.named_children) != 1:
            break
        node = node.named_children[0]
    return node
