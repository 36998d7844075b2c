"""Reads kernel C with tree-sitter: functions, calls, string macros and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser

from bpfdoctor.formats.c_text import bare

# Attributes that tree-sitter-c takes for an error; blanked in place, so that offsets and lines stay.
_ATTRIBUTES = re.compile(
    rb'"(?:\\.|[^"\\\n])*"|'  # not inside of strings: disasm.c prints "&(void __percpu *)"
    rb"\b(__printf\s*\(\s*\d+\s*,\s*\d+\s*\)|__user|__percpu|__rcu|__kptr|__init|__exit|__ro_after_init|__read_mostly"
    rb"|__must_check|__maybe_unused|__always_unused|__weak|noinline_for_stack|noinline|__always_inline"
    rb"|__bpf_kfunc|__used|__cold|__force|__cpuidle|notrace|fallthrough;|__no_kcsan|asmlinkage)"
)
# `BTF_ID(func, x)` lines between functions make the next function unreadable
_LISTS = re.compile(rb"^(BTF_\w+|EXPORT_\w+|late_initcall|MODULE_\w+|DEFINE_\w+)\b[^\n;{]*;?$", re.MULTILINE)
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)", re.DOTALL)
# <inttypes.h> and the kernel's own; the width letters do not matter to a reader of a log
_WELL_KNOWN = {
    "PRIu64": "llu",
    "PRIx64": "llx",
    "PRId64": "lld",
    "PRIu32": "u",
    "PRIx32": "x",
    "PRIi64": "lld",
}


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_c.language()))


class CSource:
    """One C file, parsed."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        data = _ATTRIBUTES.sub(lambda match: b" " * len(match[0]) if match[1] else match[0], data)
        self.data = _LISTS.sub(lambda match: b" " * len(match[0]), data)
        self.root = _parser().parse(self.data).root_node
        self.functions: dict[str, Node] = {}
        self.calls: dict[str, list[Node]] = {}
        self.macros: dict[str, Node] = {}  # object-like: name -> preproc_arg
        self.tables: dict[str, Node] = {}  # file-level arrays and strings: name -> initializer
        self.function_macros: list[Node] = []
        self.declarators: list[str] = []  # names of all functions defined or declared
        self._index()

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _index(self) -> None:
        for node in descendants(self.root):
            if node.type == "call_expression":
                callee = node.child_by_field_name("function")
                if callee is not None and callee.type == "identifier":
                    self.calls.setdefault(self.text(callee), []).append(node)
            elif node.type == "function_definition":
                name = function_name(self, node)
                if name:
                    self.functions[name] = node
            elif node.type == "preproc_def":
                name_node, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name_node is not None and value is not None:
                    self.macros[self.text(name_node)] = value
            elif node.type == "preproc_function_def":
                self.function_macros.append(node)
            elif node.type == "function_declarator":
                self.declarators.append(declared_name(self, node))
            elif node.type == "init_declarator" and enclosing(node, "function_definition") is None:
                name = declared_name(self, node)
                value = node.child_by_field_name("value")
                if name and value is not None:
                    self.tables[name] = value

    def lexical_calls(self, names: frozenset[str]) -> int:
        """How often `names` are called outside of comments, strings and #defines: the check on the parser."""
        pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\s*\(")
        return len(pattern.findall(blank_noise(self.data.decode("utf-8", "replace"))))


def descendants(node: Node) -> Iterator[Node]:
    """All nodes below `node` and itself, in the order of the text, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def enclosing(node: Node, kind: str) -> Node | None:
    """The nearest ancestor of that type."""
    above = node.parent
    while above is not None and above.type != kind:
        above = above.parent
    return above


def declared_name(source: CSource, node: Node) -> str:
    """The identifier that a declarator, a parameter or a function definition introduces."""
    inner: Node | None = node
    while inner is not None and inner.type != "identifier":
        inner = inner.child_by_field_name("declarator")
    return source.text(inner) if inner is not None else ""


def function_name(source: CSource, node: Node) -> str:
    """The name of a function definition, also one whose head confused the parser."""
    declarator = node.child_by_field_name("declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    return declared_name(source, declarator) if declarator is not None else ""


def parameters(source: CSource, function: Node) -> list[str]:
    """The names of a function's parameters in order."""
    for node in descendants(function):
        if node.type == "compound_statement":
            break
        if node.type == "parameter_list":
            return [declared_name(source, child) for child in node.named_children]
    return []


def arguments(call: Node) -> list[Node]:
    """The argument expressions of a call, without comments."""
    listed = call.child_by_field_name("arguments")
    return [child for child in listed.named_children if child.type != "comment"] if listed is not None else []


def unescape(text: str) -> str:
    """What a C string literal's inside stands for."""

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] == "x":
            return chr(int(code[1:], 16))
        if code.isdigit() and code != "0":
            return chr(int(code, 8))
        return _ESCAPES.get(code, code)

    return _ESCAPE.sub(replace, text)


def literal(source: CSource, node: Node) -> str:
    """The value of a string_literal node."""
    text = source.text(node)
    return unescape(text[text.index('"') + 1 : -1])


def well_known_macro(name: str) -> str | None:
    """Format macros that no kernel header of ours defines."""
    return _WELL_KNOWN.get(name)


_DEFINE = re.compile(r"^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def blank_noise(text: str) -> str:
    """The text without comments, strings and #defines, so that a search finds code only."""
    return _DEFINE.sub("", bare(text))
