"""Parts of a C text that can be left out of it, or be replaced by a part of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from bpfdoctor.formats import c_text
from bpfdoctor.model.record import dataclass
from bpfdoctor.pattern import later
from bpfdoctor.source.ctree import Tree
from bpfdoctor.source.dialect import MAP_MEMBERS

_LOOPS = ("for_statement", "while_statement", "do_statement")
_DETAILS = ("field_declaration", "enumerator", "initializer_pair")
_MEMBER = later(rf"^[ \t]*(?:{'|'.join(sorted(MAP_MEMBERS))})\([^\n]*\);$", re.MULTILINE)  # of a map
_DIRECTIVE = later(
    r"^[ \t]*#[ \t]*(?:include|include_next|define|undef|pragma)\b(?:[^\\\n]|\\.)*", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Part:
    """Characters `start`..`end` of the text, and what may stand in their place."""

    start: int
    end: int
    instead: str = ""


def without_comments(text: str) -> str:
    """The text without its comments; strings that look like one stay."""
    return tidy(c_text.without_comments(text))


def tidy(text: str) -> str:
    """The text without trailing blanks, and with no two empty lines in a row."""
    kept: list[str] = []
    for line in (each.rstrip() for each in text.split("\n")):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).rstrip("\n") + "\n"


def declared(text: str) -> list[Part]:
    """What stands outside functions, in the order of the text: directives, types, maps, functions."""
    found = [Part(each.start(), each.end()) for each in _DIRECTIVE.finditer(text)]
    tree = Tree(text)
    before = 0
    for node in tree.root.children:
        # SEC(…) and its like belong to what follows; the tree does not have them.
        between = text[before : node.start_byte]
        start = before + max((each.end() for each in _DIRECTIVE.finditer(between)), default=0)
        found.append(Part(start, node.end_byte))
        before = node.end_byte
    return sorted(found, key=lambda part: part.start)


def statements(text: str) -> list[Part]:
    """Statements and declarations in functions, each with all that is in it, the outermost ones first."""
    tree = Tree(text)
    found = [node for node in _nodes(tree) if _is_in_block(tree, node)]
    return [_part(node) for node in sorted(found, key=lambda node: sum(1 for _ in tree.ancestors(node)))]


def unwrapped(text: str) -> list[Part]:
    """Branches, loops and blocks, with what they hold in their place; a side in the place of a sum."""
    return [Part(node.start_byte, node.end_byte, text[a:b]) for node, a, b in _inner(Tree(text))]


def details(text: str) -> list[Part]:
    """Members of types and maps, enumerators, initial values."""
    found = []
    tree = Tree(text)
    for node in _nodes(tree):
        if node.type in _DETAILS:
            found.append(_part(node))
        elif node.type == "init_declarator":
            name, value = node.child_by_field_name("declarator"), node.child_by_field_name("value")
            if name is not None and value is not None and value.type != "call_expression":
                found.append(Part(name.end_byte, value.end_byte))
    found += [Part(each.start(), each.end()) for each in _MEMBER.finditer(text)]
    return sorted(found, key=lambda part: part.start)


def _nodes(tree: Tree) -> Iterator[Node]:
    return tree.walk(tree.root, 0, len(tree.text))


def _part(node: Node) -> Part:
    return Part(node.start_byte, node.end_byte)


def _is_in_block(tree: Tree, node: Node) -> bool:
    parent = tree.parent(node)
    return parent is not None and parent.type in ("compound_statement", "case_statement")


def _inner(tree: Tree) -> Iterator[tuple[Node, int, int]]:
    for node in _nodes(tree):
        inside: list[Node | None] = []
        if node.type == "if_statement":
            other = node.child_by_field_name("alternative")
            inside = [node.child_by_field_name("consequence"), other and other.named_children[-1]]
        elif node.type in _LOOPS:
            inside = [node.child_by_field_name("body")]
        elif node.type == "binary_expression":
            inside = [node.child_by_field_name("left"), node.child_by_field_name("right")]
        elif node.type == "compound_statement" and node.named_children and _is_in_block(tree, node):
            yield node, node.named_children[0].start_byte, node.named_children[-1].end_byte
        for part in inside:
            if part is not None:
                yield node, part.start_byte, part.end_byte
