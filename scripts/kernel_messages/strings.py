"""Follows a C string to the texts it can stand for: ternaries, tables, variables, functions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scripts.kernel_messages import csource
from scripts.kernel_messages.csource import CSource

# Functions whose value is their own format, filled in: position of the format
_FORMATTERS = {"bpf_diag_fmt": 1, "kasprintf": 1}
_DEPTH = 5
_MOST = 200  # texts of one expression; more are of no use to anybody


@dataclass(frozen=True, slots=True)
class Text:
    """A text, or a format with the expressions that fill it and the place where these can be looked up."""

    format: str
    arguments: tuple[Node, ...] = ()
    source: CSource | None = None
    function: Node | None = None


class Strings:
    """Looks strings up in all files of one kernel."""

    def __init__(self, sources: list[CSource]) -> None:
        self.sources = sources
        self.callers: dict[str, list[tuple[CSource, Node]]] = {}
        self.functions: dict[str, tuple[CSource, Node]] = {}
        self.macros: dict[str, tuple[CSource, Node]] = {}
        for source in sources:
            for name, calls in source.calls.items():
                self.callers.setdefault(name, []).extend((source, call) for call in calls)
            for name, function in source.functions.items():
                self.functions.setdefault(name, (source, function))
            for name, value in source.macros.items():
                self.macros.setdefault(name, (source, value))

    def texts(self, source: CSource, node: Node | None, depth: int = _DEPTH) -> list[Text]:
        """Everything `node` can be known to stand for; empty when nothing is known."""
        if node is None or depth == 0:
            return []
        kind = node.type
        if kind == "string_literal":
            return [Text(csource.literal(source, node))]
        if kind == "concatenated_string":
            return self._concatenated(source, node, depth)
        if kind == "parenthesized_expression":
            return self._first_of(source, node.named_children, depth)
        if kind == "conditional_expression":
            # `a ?: b` has no consequence of its own
            first = node.child_by_field_name("consequence") or node.child_by_field_name("condition")
            return _unique(
                self.texts(source, first, depth)
                + self.texts(source, node.child_by_field_name("alternative"), depth)
            )
        if kind == "cast_expression":
            return self.texts(source, node.child_by_field_name("value"), depth)
        if kind == "identifier":
            return self._named(source, node, depth)
        if kind == "subscript_expression":
            return self._table(source, node.child_by_field_name("argument"))
        if kind == "call_expression":
            return self._returned(source, node, depth)
        return []

    def words(self, source: CSource, node: Node) -> list[str]:
        """The plain texts that an argument of `%s` can stand for."""
        return [text.format for text in self.texts(source, node) if not text.arguments]

    def _first_of(self, source: CSource, nodes: list[Node], depth: int) -> list[Text]:
        return self.texts(source, nodes[0], depth) if nodes else []

    def _concatenated(self, source: CSource, node: Node, depth: int) -> list[Text]:
        parts: list[list[str]] = []
        for child in node.named_children:
            if child.type == "comment":
                continue
            known = [text.format for text in self.texts(source, child, depth - 1)]
            if not known and child.type == "identifier":
                macro = csource.well_known_macro(source.text(child))
                known = [macro] if macro is not None else []
            if not known:
                return []
            parts.append(known)
        return [Text("".join(chosen)) for chosen in itertools.islice(itertools.product(*parts), _MOST)]

    def _named(self, source: CSource, node: Node, depth: int) -> list[Text]:
        name = source.text(node)
        function = csource.enclosing(node, "function_definition")
        if function is not None:
            names = csource.parameters(source, function)
            found = self._assigned(source, function, name, depth)
            if name in names:
                found = found + self._passed(source, function, names.index(name), depth)
            if found:
                return _unique(found)
        if name in source.tables:
            return self.texts(source, source.tables[name], depth - 1)
        if name in self.macros:
            return self._macro(name)
        return []

    def _macro(self, name: str) -> list[Text]:
        source, value = self.macros[name]
        inner = CSource(name, f"const char *x = {source.text(value)};".encode())
        initializer = inner.tables.get("x")
        if initializer is None or initializer.type not in ("string_literal", "concatenated_string"):
            return []
        return self.texts(inner, initializer, _DEPTH)

    def origins(self, source: CSource, node: Node) -> list[str]:
        """The C of what is assigned to a local variable; empty for other expressions."""
        function = csource.enclosing(node, "function_definition")
        if node.type != "identifier" or function is None:
            return []
        return [source.text(value) for value in _values(source, function, source.text(node))]

    def _assigned(self, source: CSource, function: Node, name: str, depth: int) -> list[Text]:
        """Texts assigned to a local variable or a parameter, wherever in the function."""
        # `name = name ?: "default"` must not look itself up for ever: the depth counts down
        return [
            text for value in _values(source, function, name) for text in self.texts(source, value, depth - 1)
        ]

    def _passed(self, source: CSource, function: Node, position: int, depth: int) -> list[Text]:
        """Texts that callers anywhere in the tree pass at a position."""
        found: list[Text] = []
        for caller, call in self.callers.get(csource.function_name(source, function), []):
            given = csource.arguments(call)
            if position < len(given):
                found.extend(self.texts(caller, given[position], depth - 1))
        return found

    def _table(self, source: CSource, table: Node | None) -> list[Text]:
        """All strings of an array, file-level or local."""
        if table is None or table.type != "identifier":
            return []
        name = source.text(table)
        initializer = source.tables.get(name)
        function = csource.enclosing(table, "function_definition")
        if initializer is None and function is not None:
            for node in csource.descendants(function):
                if node.type == "init_declarator" and csource.declared_name(source, node) == name:
                    initializer = node.child_by_field_name("value")
        if initializer is None:
            return []
        literals = (node for node in csource.descendants(initializer) if node.type == "string_literal")
        return _unique([Text(csource.literal(source, node)) for node in literals])

    def _returned(self, source: CSource, call: Node, depth: int) -> list[Text]:
        callee = call.child_by_field_name("function")
        name = source.text(callee) if callee is not None else ""
        if name in _FORMATTERS:
            given = csource.arguments(call)
            if len(given) <= _FORMATTERS[name]:
                return []
            function = csource.enclosing(call, "function_definition")
            filling = tuple(given[_FORMATTERS[name] + 1 :])
            return [
                Text(text.format, filling, source, function)
                for text in self.texts(source, given[_FORMATTERS[name]], depth - 1)
            ]
        if name not in self.functions:
            return []
        home, function = self.functions[name]
        found: list[Text] = []
        for node in csource.descendants(function):
            if node.type == "return_statement" and node.named_children:
                found.extend(self.texts(home, node.named_children[0], depth - 1))
        return _unique(found)


def _values(source: CSource, function: Node, name: str) -> Iterator[Node]:
    """Initializers of a variable and right sides of assignments to it."""
    for node in csource.descendants(function):
        value: Node | None = None
        if node.type == "init_declarator" and csource.declared_name(source, node) == name:
            value = node.child_by_field_name("value")
        elif node.type == "assignment_expression":
            left = node.child_by_field_name("left")
            if left is not None and left.type == "identifier" and source.text(left) == name:
                value = node.child_by_field_name("right")
        if value is not None:
            yield value


def _unique(texts: list[Text]) -> list[Text]:
    return list(dict.fromkeys(texts))[:_MOST]
