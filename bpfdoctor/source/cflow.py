"""Control flow of a C text: conditions before a line, loops around it, returns, statements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from bpfdoctor.source.cexpr import names_in
from bpfdoctor.source.ctree import DEEPEST, Tree, bare
from bpfdoctor.source.cvalues import Condition, Function, Loop, Return, Span, Statement

_LOOPS = {"for_statement": "for", "while_statement": "while", "do_statement": "do"}
_CONDITIONS = {
    "if_statement": "if", "while_statement": "while", "for_statement": "for", "do_statement": "do",
    "conditional_expression": "?:", "switch_statement": "switch",
}  # fmt: skip
_EXITS = frozenset({"return_statement", "goto_statement", "break_statement", "continue_statement"})
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "!="})
_BLOCKS = frozenset({"compound_statement", "case_statement", "labeled_statement", "translation_unit"})
_FIRST = re.compile(r"\s*(?:\}\s*)?[^\s}]")  # the first character that is no closing brace
_SPACES = re.compile(r"\s+")


def conditions_before(tree: Tree, function: Node, line: int, name: str | None = None) -> Iterator[Condition]:
    """Conditions of a function that stand before a line or enclose it, in order; with `name`, those with it.

    A condition on the line itself counts (`if (p && p->x)`).
    """
    _, end = tree.bounds(line)
    for node in tree.walk(function, function.start_byte, end):
        kind = _CONDITIONS.get(node.type)
        condition = node.child_by_field_name("condition") if kind else None
        if kind is None or condition is None or condition.start_byte >= end:
            continue
        names = names_in(tree, condition)
        if name is not None and name not in names:
            continue
        branch = _branch(tree, node, line)
        body = node.child_by_field_name("consequence") or node.child_by_field_name("body")
        yield Condition(
            text=tree.source(bare(condition)),
            kind=kind,
            span=tree.span(condition),
            names=names,
            encloses=branch is not None,
            branch=branch,
            exit=_exit(tree, body) if body is not None else "",
            elsewhere=_is_elsewhere(tree, node, line),
        )


def _is_elsewhere(tree: Tree, node: Node, line: int) -> bool:
    """Whether a statement is in a case or a body that the line is not in."""
    start, end = tree.bounds(line)
    for part in tree.ancestors(node):
        if part.start_byte < end and part.end_byte > start:
            return False
        if part.type in ("case_statement", "compound_statement"):
            return True
    return False


def _branch(tree: Tree, node: Node, line: int) -> str | None:
    """In which part of an if or a loop a line is."""
    for field, name in (("consequence", "then"), ("alternative", "else"), ("body", "body")):
        part = node.child_by_field_name(field)
        if part is not None and tree.span(part).holds(line):
            header = node.child_by_field_name("condition")
            if header is not None and tree.span(header).holds(line) and part.type == "compound_statement":
                continue  # `if (x) {`: the brace is on the header's line
            return name
    return None


def _exit(tree: Tree, body: Node) -> str:
    """The statement with which a body always leaves: its last one, where that is return, goto, break …"""
    last = body
    for _ in range(DEEPEST):
        if last.type != "compound_statement" or not last.named_children:
            break
        last = last.named_children[-1]
    return tree.source(last) if last.type in _EXITS else ""


def loops_around(tree: Tree, line: int) -> tuple[Loop, ...]:
    """The loops that contain a line, innermost first."""
    found = [loop for node in tree.on_line(line) if (loop := _loop(tree, node, line))]
    return tuple(reversed(found))


def goto_loops(tree: Tree, line: int) -> Iterator[Loop]:
    """The loops that a `goto` to a label above it makes and that contain a line; their head is the `goto`."""
    function = next((node for node in tree.on_line(line) if node.type == "function_definition"), None)
    labels: dict[str, Node] = {}
    for node in tree.walk(function, function.start_byte, function.end_byte) if function else ():
        if node.type not in ("labeled_statement", "goto_statement"):
            continue
        name = tree.source(node.child_by_field_name("label"))
        if node.type == "labeled_statement":
            labels[name] = node
        elif (label := labels.get(name)) is not None:
            span = tree.span_of(label.start_byte, node.end_byte)
            if span.holds(line):
                yield Loop("goto", span, tree.span(node), tree.source(node).rstrip(";"))


def _loop(tree: Tree, node: Node, line: int) -> Loop | None:
    kind = _LOOPS.get(node.type)
    body = node.child_by_field_name("body")
    if kind is None or body is None or not tree.span(node).holds(line):
        return None
    macro = tree.plain.loops.get(node.start_byte)
    condition = node.child_by_field_name("condition")
    head = tree.span_of(node.start_byte, max(node.start_byte + 1, body.start_byte))
    if macro is not None:
        counted = {"bpf_for": 2, "bpf_repeat": 0}.get(macro.name)
        bound = macro.args[counted] if counted is not None and counted < len(macro.args) else None
        variable = macro.args[0] if macro.name == "bpf_for" else None
        return Loop(macro.name, tree.span(node), head, "", bound, variable)
    variable, bound = _bound(tree, condition)
    last_line = tree.line_of(node.start_byte)
    unrolled = any(
        last_line - 2 <= tree.line_of(at) < last_line
        and not tree.code[tree.bounds(tree.line_of(at))[1] : node.start_byte].strip()
        for at in tree.plain.pragmas
    )
    text = tree.source(bare(condition)) if condition else ""
    return Loop(kind, tree.span(node), head, text, bound, variable, unrolled)


def _bound(tree: Tree, condition: Node | None) -> tuple[str | None, str | None]:
    """(counter, bound) of `i < n`, also inside `i < n && …`."""
    node = bare(condition) if condition is not None else None
    for _ in range(DEEPEST):
        if node is None or node.type != "binary_expression":
            break
        operator = tree.word(node.child_by_field_name("operator"))
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            break
        if operator in _COMPARISONS:
            if bare(left).type == "number_literal":
                left, right = right, left
            return tree.source(left), tree.source(right)
        if operator not in ("&&", "||"):
            break
        node = bare(left)
    return None, None


def returns(tree: Tree, function: Node) -> tuple[Return, ...]:
    found: list[Return] = []
    for node in tree.walk(function, function.start_byte, function.end_byte):
        if node.type == "return_statement":
            value = node.named_children[0] if node.named_children else None
            found.append(Return(tree.source(value), tree.span(node)))
    return tuple(found)


def statement_at(tree: Tree, line: int) -> Statement | None:
    """The innermost statement that a line belongs to; for an if or a loop, the line must be in its head.

    An `else if` belongs to the first `if`, because that is where a line can be put before it.
    """
    start, end = tree.bounds(line)
    match = _FIRST.match(tree.plain.code, start, end)
    if match is None:
        return None
    for node in tree.ancestors(tree.root.descendant_for_byte_range(match.end() - 1, match.end())):
        parent = tree.parent(node)
        if node.type == "compound_statement" or parent is None:
            return None
        if parent.type == "else_clause" or node.type == "else_clause":
            continue
        if node.type.endswith("_statement") or node.type == "declaration":
            return Statement(node.type, tree.span(node), parent.type in _BLOCKS)
    return None


def later_sibling(tree: Tree, first: int, line: int) -> tuple[Span, Span] | None:
    """(the call alone on line `first`, the later statement of its block that holds `line`)"""
    for node in tree.on_line(first):
        inner = (
            node.named_children[0] if node.type == "expression_statement" and node.named_children else None
        )
        if inner is None or bare(inner).type != "call_expression" or tree.line_of(node.start_byte) != first:
            continue
        following = node.next_named_sibling
        while following is not None:
            span = tree.span(following)
            if span.holds(line):
                return tree.span(node), span
            following = following.next_named_sibling
    return None


def statement_around(tree: Tree, line: int, column: int) -> Statement | None:
    """The statement that an expression at a place belongs to, where others can be put before it.

    Of an `else if` that is the first `if`, of what stands in a loop's head the loop.
    """
    at = tree.bounds(line)[0] + column - 1
    node = tree.root.descendant_for_byte_range(at, at + 1)
    in_head = guarded = False
    for here in tree.ancestors(node):
        parent = tree.parent(here)
        if parent is None or here.type in ("function_definition", "translation_unit"):
            return None
        in_head = in_head or (parent.type in _LOOPS and here != parent.child_by_field_name("body"))
        guarded = guarded or _is_guarded(tree, parent, here)
        is_statement = here.type.endswith("_statement") or here.type == "declaration"
        if not is_statement or here.type == "compound_statement" or parent.type == "else_clause":
            continue
        if parent.type in _BLOCKS or (
            parent.type in _CONDITIONS and here != parent.child_by_field_name("initializer")
        ):
            return Statement(here.type, tree.span(here), parent.type in _BLOCKS, in_head, guarded)
    return None


def _is_guarded(tree: Tree, parent: Node, part: Node) -> bool:
    """Whether a part of an expression is evaluated only under a condition: to the right of &&, ||, ?."""
    if parent.type == "conditional_expression":
        return part != parent.child_by_field_name("condition")
    lazy = parent.type == "binary_expression" and tree.word(parent.child_by_field_name("operator")) in (
        "&&",
        "||",
    )
    return lazy and part == parent.child_by_field_name("right")


def function_node(tree: Tree, function: Function) -> Node | None:
    """The tree's node of a function."""
    at = tree.starts[function.body.line - 1] + function.body.column - 1
    parts = tree.ancestors(tree.root.descendant_for_byte_range(at, at + 1))
    return next((node for node in parts if node.type == "function_definition"), None)


# What a program of a kind returns to let things go on, and the values that mean it.
_PASSES = {
    "xdp": "XDP_PASS", "tc": "TC_ACT_OK", "classifier": "TC_ACT_OK", "tcx": "TCX_NEXT", "action": "TC_ACT_OK",
    "cgroup_skb": "1", "cgroup": "1", "sockops": "1", "sk_skb": "SK_PASS", "sk_msg": "SK_PASS",
    "sk_lookup": "SK_PASS", "sk_reuseport": "SK_PASS", "netfilter": "NF_ACCEPT", "lwt_in": "BPF_OK",
    "lwt_out": "BPF_OK", "lwt_xmit": "BPF_OK",
}  # fmt: skip
_CONSTANT = re.compile(r"-?(?:\d\w*|[A-Z][A-Z0-9_]*)|true|false")  # a variable may not be set there
_CONTEXTS = {"xdp_md": "XDP_PASS"}
_NUMBERS = {"TC_ACT_OK": "0", "TCX_NEXT": "-1", "NF_ACCEPT": "1"}  # macros of headers that may not be there
_KNOWN = frozenset({*_PASSES.values(), "TC_ACT_UNSPEC", "TC_ACT_PIPE", "CTX_ACT_OK"}) - {"1"}


def pass_value(tree: Tree, function: Function, found: tuple[Return, ...]) -> str:
    """What the function returns to say "nothing special": its own habit first, then its kind. "" for void."""
    if function.returns.split()[-1:] == ["void"]:
        return ""
    values = [value.value for value in found if value.value]
    kind = _SPACES.sub("", function.section or "").split("/")[0].removesuffix(".s").removesuffix(".frags")
    if kind == "flow_dissector":
        return "BPF_DROP"  # so the kernel's own dissector says that there is no more to be had
    for value in values:
        if value in _KNOWN:
            return value
    expected = _PASSES.get(kind)
    if expected is None and function.params:
        expected = next(
            (_CONTEXTS[word] for word in function.params[0].type.split() if word in _CONTEXTS), None
        )
    is_program = function.section is not None or function.macro is not None
    if expected is not None and (is_program or not function.static):
        return expected if _can_say(tree, expected) else _NUMBERS.get(expected, expected)
    if function.returns.endswith("*"):
        return "NULL"
    if is_program or not values:
        return "0"
    early = values[:-1] or values
    simple = [value for value in early if _CONSTANT.fullmatch(value)]
    return max(simple, key=simple.count) if simple else "0"


def _can_say(tree: Tree, name: str) -> bool:
    """Whether a name is there to be used: an enumerator of vmlinux.h, or a macro of an included header."""
    if name not in _NUMBERS or re.search(rf"\b{name}\b", tree.plain.code):
        return True
    if any(macro.name == name for macro in tree.plain.macros):
        return True
    wanted = {"TC_ACT_OK": "linux/pkt_cls.h", "NF_ACCEPT": "linux/netfilter.h"}.get(name)
    return wanted in tree.plain.includes
