"""The small changes of a piece of C that undo a usual slip: an operator, a `!`, a number off by one."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from tree_sitter import Node

from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later
from bpfdoctor.source.ctree import Tree, bare
from bpfdoctor.source.cvalues import Span

_ORDERED = (">", ">=", "<=", "<")
_OTHERS = {"==": ("!=", *_ORDERED), "!=": ("==", *_ORDERED), "&&": ("||",), "||": ("&&",)} | {
    each: tuple(other for other in _ORDERED if other != each) for each in _ORDERED
}
_NUMBER = later(r"0x[0-9a-fA-F]{1,16}|0|[1-9]\d{0,18}")
_MOST = 64  # of one piece of code


class Slip(StrEnum):
    """What a variant changes."""

    NEGATION = "negation"
    OPERATOR = "operator"
    NUMBER = "number"
    SIGN = "sign"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Variant:
    """`text` in the place of `was`, at `span`."""

    slip: Slip
    span: Span
    was: str
    text: str

    @property
    def turns(self) -> bool:
        """Whether the condition then holds where it did not: `!`, == for !=, < for >."""
        if self.slip is Slip.OPERATOR:
            return {self.was, self.text} == {"==", "!="} or {self.was[0], self.text[0]} == {"<", ">"}
        return self.slip is Slip.NEGATION


def of_condition(tree: Tree, span: Span) -> Iterator[Variant]:
    """A condition with one change each: the other way round, another operator, a number more or less."""
    node = _node(tree, span)
    if node is None:
        return
    inner = bare(node)
    if inner.type == "unary_expression" and tree.word(inner.child_by_field_name("operator")) == "!":
        negated = inner.child_by_field_name("argument")
        yield _variant(
            tree, Slip.NEGATION, inner, tree.source(bare(negated) if negated is not None else None)
        )
    elif inner.type != "binary_expression":
        yield _variant(tree, Slip.NEGATION, inner, _negated(tree, inner))
    yield from _operators(tree, node)
    for each in _below(tree, node):
        yield from _number(tree, each)


def on_line(tree: Tree, line: int) -> Iterator[Variant]:
    """The numbers of a line: one more or one less, without a minus, or not added at all."""
    start, end = tree.bounds(line)
    for node in tree.on_line(line):
        if start <= node.start_byte < end and tree.word(node) != "0":
            yield from _number(tree, node)


def _node(tree: Tree, span: Span) -> Node | None:
    start = tree.bounds(span.line)[0] + span.column - 1
    end = tree.bounds(span.end_line)[0] + span.end_column - 1
    return tree.root.descendant_for_byte_range(start, end) if start < end <= len(tree.text) else None


def _operators(tree: Tree, root: Node) -> Iterator[Variant]:
    for node in _below(tree, root):
        operator = node.child_by_field_name("operator") if node.type == "binary_expression" else None
        if operator is not None:
            for other in _OTHERS.get(tree.word(operator), ()):
                yield _variant(tree, Slip.OPERATOR, operator, other)


def _number(tree: Tree, node: Node) -> Iterator[Variant]:
    number = _value(tree, node)
    if number is not None:
        for other in (number - 1, number + 1):
            if other >= 0 and _may_be(tree, node, number, other):
                text = hex(other) if tree.word(node)[:2] == "0x" else str(other)
                yield _variant(tree, Slip.NUMBER, node, text)
    if tree.word(node) == "-1" and node.parent is not None and node.parent.type.startswith("subscript"):
        yield _variant(tree, Slip.SIGN, node, "0")
    if node.type == "number_literal" and tree.word(node).startswith("-"):
        yield _variant(tree, Slip.SIGN, node, tree.word(node).lstrip("- "))
    operator = tree.word(node.child_by_field_name("operator"))
    if node.type == "binary_expression" and operator in ("+", "-"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and _value(tree, right) is not None:
            yield _variant(tree, Slip.TERM, node, tree.source(left))


def _value(tree: Tree, node: Node) -> int | None:
    written = tree.word(node)
    is_number = node.type == "number_literal" and _NUMBER.fullmatch(written)
    return int(written, 0) if is_number else None


def _may_be(tree: Tree, node: Node, number: int, other: int) -> bool:
    """Whether the other number may be meant. Bits are never one off; a count may stand for its mask."""
    operator = node.parent.child_by_field_name("operator") if node.parent is not None else None
    match tree.word(operator).rstrip("="):
        case "|" | "^":
            return False
        case "&":
            return other == number - 1 and number & other == 0 < other
    return True


def _below(tree: Tree, root: Node) -> list[Node]:
    return [
        node for node, _ in zip(tree.walk(root, root.start_byte, root.end_byte), range(_MOST), strict=False)
    ]


def _negated(tree: Tree, node: Node) -> str:
    text = tree.source(node)
    plain = node.type in ("identifier", "call_expression", "field_expression", "subscript_expression")
    return f"!{text}" if plain else f"!({text})"


def _variant(tree: Tree, slip: Slip, node: Node, text: str) -> Variant:
    return Variant(slip, tree.span(node), tree.source(node), text)
