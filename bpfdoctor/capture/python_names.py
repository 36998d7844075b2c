"""Names and shapes in a Python syntax tree."""

from __future__ import annotations

import ast

Stretch = tuple[int, int, int, int]  # first line and column, last line and column


def is_bpf(node: ast.Call) -> bool:
    """Whether a call is BPF(…) or bcc.BPF(…)."""
    return dotted(node.func) in ("BPF", "bcc.BPF")


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


_CHANGES = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "update", "sort", "reverse", "add"}
)


def assigned(body: list[ast.stmt]) -> set[str]:
    """The names that statements assign to, and those of the lists and dictionaries that they change."""
    found = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
                found.add(dotted(node))
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                found.add(dotted(node.value))
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _CHANGES
            ):
                found.add(dotted(node.func.value))
    return found - {""}


def as_load(node: ast.expr) -> ast.expr:
    """The target of `x += …` as something that can be read."""
    if isinstance(node, ast.Name):
        return ast.copy_location(ast.Name(node.id, ast.Load()), node)
    if isinstance(node, ast.Attribute):
        return ast.copy_location(ast.Attribute(node.value, node.attr, ast.Load()), node)
    return node


def shown(node: ast.expr) -> str:
    """An expression as it may stand in a sentence."""
    try:
        return ast.unparse(node)[:60]
    except (ValueError, RecursionError):
        return "an expression"


def stretch(call: ast.Call) -> Stretch:
    """Where a call begins and ends: `BPF(…)` begins where `BPF(…).attach_kprobe(…)` does."""
    return call.lineno, call.col_offset, call.end_lineno or 0, call.end_col_offset or 0
