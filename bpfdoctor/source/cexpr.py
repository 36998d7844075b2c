"""Expressions of a C text: the one at a column, calls, accesses, uses, assignments, map look-ups."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from bpfdoctor.source.cdecl import declared
from bpfdoctor.source.ctree import Tree, bare, leftmost
from bpfdoctor.source.cvalues import (
    Access,
    AccessKind,
    Argument,
    Assignment,
    Call,
    Comparison,
    Expression,
    Lookup,
    Span,
    Use,
)

_ACCESSES = {
    "subscript_expression": AccessKind.INDEX,
    "pointer_expression": AccessKind.DEREF,
    "field_expression": AccessKind.ARROW,
}
_LOOKUPS = frozenset({"lookup", "lookup_or_init", "lookup_or_try_init"})
_UNEVALUATED = frozenset({"sizeof_expression", "alignof_expression", "offsetof_expression"})
_KEYWORDS = frozenset({"if", "while", "for", "do", "switch", "return", "else"})
_WORTH = frozenset(
    {
        "identifier", "number_literal", "string_literal", "char_literal", "true", "false", "null",
        "call_expression", "cast_expression", "field_expression", "subscript_expression",
        "pointer_expression", "binary_expression", "unary_expression", "update_expression",
        "assignment_expression", "conditional_expression", "sizeof_expression", "offsetof_expression",
        "compound_literal_expression", "gnu_asm_expression", "init_declarator", "initializer_list",
        "initializer_pair", "return_statement", "goto_statement", "break_statement", "continue_statement",
    }
)  # fmt: skip


def expression_at(tree: Tree, line: int, column: int) -> Expression | None:
    """The smallest expression that means something by itself at a place: `udp->dest` for its `dest`."""
    start, end = tree.bounds(line)
    offset = start + max(column, 1) - 1
    if offset >= end:
        return None
    leaf = tree.root.descendant_for_byte_range(offset, offset + 1)
    if leaf is None:
        return None
    parent = tree.parent(leaf)
    if leaf.type in ("{", "}") and parent is not None and parent.type != "initializer_list":
        return Expression(leaf.type, leaf.type, tree.span(leaf))
    if leaf.type in _KEYWORDS and parent is not None:
        if leaf.type == "for":  # the whole head
            closing = [child.end_byte for child in parent.children if child.type == ")"]
            end = closing[-1] if closing else leaf.end_byte
            text = " ".join(tree.text[leaf.start_byte : end].split())
            return Expression(text, parent.type, tree.span_of(leaf.start_byte, end))
        condition = parent.child_by_field_name("condition")
        node = parent if leaf.type == "return" else condition
        return _expression(tree, node) if node is not None else None
    node = _meaningful(tree, leaf)
    return _expression(tree, node) if node is not None else None


def target_at(tree: Tree, line: int, column: int) -> Span | None:
    """The left side of the assignment, or the operand of ++ and --, whose operator stands at a place."""
    start, end = tree.bounds(line)
    offset = start + column - 1
    leaf = tree.root.descendant_for_byte_range(offset, offset + 1) if start <= offset < end else None
    parent = tree.parent(leaf) if leaf is not None and not leaf.is_named else None
    if parent is None or parent.type not in ("assignment_expression", "update_expression"):
        return None
    target = parent.child_by_field_name("left") or parent.child_by_field_name("argument")
    return tree.span(target) if target is not None and leaf != target else None


def tested_at(tree: Tree, line: int, column: int) -> Span | None:
    """The test that starts at a place: all of an if's or loop's condition, up to the next && or ||."""
    start, end = tree.bounds(line)
    offset = start + column - 1
    leaf = tree.root.descendant_for_byte_range(offset, offset + 1) if start <= offset < end else None
    found: Node | None = None
    for node in tree.ancestors(leaf):
        parent = tree.parent(node)
        if parent is None or node.type.endswith("_statement"):
            return None
        joined = tree.word(node.child_by_field_name("operator")) in ("&&", "||")
        if node.start_byte == offset and not joined and node.is_named:
            found = node
        if node in parent.children_by_field_name("condition"):
            return tree.span(found) if found is not None else None
    return None


def _expression(tree: Tree, node: Node) -> Expression:
    return Expression(tree.source(node), node.type, tree.span(node))


def _meaningful(tree: Tree, leaf: Node) -> Node | None:
    for node in tree.ancestors(leaf):
        if node.type in ("compound_statement", "function_definition", "translation_unit"):
            return None
        parent = tree.parent(node)
        if parent is not None and node.type in ("identifier", "field_identifier", "field_expression"):
            # the member of an access, the name of a callee: the whole says more than the part
            if parent.type == "field_expression" and parent.child_by_field_name("field") == node:
                continue
            if parent.type == "call_expression" and parent.child_by_field_name("function") == node:
                return parent
            # clang gives `a[i]` and `p->a[i]` the place of their `a`
            if parent.type == "subscript_expression" and parent.child_by_field_name("argument") == node:
                continue
        if node.type in _WORTH:
            return node
    return None


def calls_on(tree: Tree, line: int, column: int | None = None) -> tuple[Call, ...]:
    return tuple(_call(tree, node) for node in tree.on_line(line, column) if node.type == "call_expression")


def _call(tree: Tree, node: Node) -> Call:
    callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    args = tuple(
        Argument(tree.source(arg), tree.span(arg))
        for arg in (arguments.named_children if arguments else ())
        if arg.type != "comment"
    )
    if callee is not None and callee.type == "field_expression":
        field, receiver = callee.child_by_field_name("field"), callee.child_by_field_name("argument")
        return Call(tree.word(field), args, tree.span(node), tree.source(receiver))
    return Call(tree.source(callee), args, tree.span(node))


def accesses_on(tree: Tree, line: int, column: int | None = None) -> tuple[Access, ...]:
    return tuple(access for node in tree.on_line(line, column) if (access := _access(tree, node)))


def _access(tree: Tree, node: Node) -> Access | None:
    kind = _ACCESSES.get(node.type)
    base = node.child_by_field_name("argument")
    if kind is None or base is None:
        return None
    operator = node.child_by_field_name("operator")
    sign = tree.word(operator)
    if kind is AccessKind.DEREF:
        if sign != "*":
            return None  # &x
        member: Node | None = base
        text = ""
    else:
        member = node.child_by_field_name("field" if kind is AccessKind.ARROW else "index")
        text = tree.source(member)
        if kind is AccessKind.ARROW and sign == ".":
            kind = AccessKind.DOT
    parent = tree.parent(node)
    if parent is not None and parent.type == "call_expression" and kind is not AccessKind.INDEX:
        callee = parent.child_by_field_name("function")
        if callee == node:
            return None  # map.lookup(…) of BCC
    written, address = _role(tree, node)
    return Access(
        text=tree.source(node),
        kind=kind,
        base=tree.source(base),
        member=text,
        root=tree.source(leftmost(node)),
        span=tree.span(node),
        member_span=tree.span(member if member is not None else node),
        written=written,
        address=address,
    )


def _role(tree: Tree, node: Node) -> tuple[bool, bool]:
    """(written to, only its address is taken) of an expression where it is."""
    parent: Node | None = None
    for parent in tree.ancestors(tree.parent(node)):
        if parent.type != "parenthesized_expression":
            break
        node = parent
    if parent is None:
        return False, False
    if parent.type == "assignment_expression":
        return parent.child_by_field_name("left") == node, False
    if parent.type == "update_expression":
        return True, False
    if parent.type == "pointer_expression":
        return False, tree.word(parent.child_by_field_name("operator")) == "&"
    return False, False


def uses(tree: Tree, name: str, first: int, last: int) -> tuple[Use, ...]:
    """Where a variable is used in lines first..last: no declarations, no members, nothing in sizeof."""
    found: list[Use] = []
    start, end = tree.bounds(first)[0], tree.bounds(last)[1]
    wanted = name.encode()
    for node in tree.walk(tree.root, start, end):
        named = node.type == "identifier" and tree.code[node.start_byte : node.end_byte] == wanted
        if named and start <= node.start_byte < end and _is_value(tree, node):
            written, address = _role(tree, node)
            found.append(Use(tree.span(node), written, address))
    return tuple(found)


def assignments(tree: Tree, first: int, last: int) -> Iterator[Assignment]:
    """Assignments, initialisers and ++/-- in lines first..last, in order."""
    start, end = tree.bounds(first)[0], tree.bounds(last)[1]
    for node in tree.walk(tree.root, start, end):
        if node.start_byte < start or node.start_byte >= end:
            continue
        if node.type == "assignment_expression":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            sign = tree.word(node.child_by_field_name("operator"))
            yield Assignment(tree.source(left), sign, tree.source(right), tree.span(node))
        elif node.type == "update_expression":
            sign = tree.word(node.child_by_field_name("operator"))
            yield Assignment(tree.source(node.child_by_field_name("argument")), sign, "", tree.span(node))
        elif node.type == "init_declarator":
            name, _, _ = declared(node.child_by_field_name("declarator"))
            if name is not None:
                value = tree.source(node.child_by_field_name("value"))
                yield Assignment(tree.word(name), "=", value, tree.span(node))


def comparisons(tree: Tree, first: int, last: int) -> Iterator[Comparison]:
    """What is asked to be equal, or not to be, in lines first..last, in order."""
    start, end = tree.bounds(first)[0], tree.bounds(last)[1]
    for node in tree.walk(tree.root, start, end):
        if not start <= node.start_byte < end:
            continue
        if node.type == "binary_expression":
            if tree.word(node.child_by_field_name("operator")) in ("==", "!="):
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                yield Comparison(tree.source(left), tree.source(right), tree.span(node))
        elif node.type == "case_statement" and (value := node.child_by_field_name("value")) is not None:
            switch = next((each for each in tree.ancestors(node) if each.type == "switch_statement"), None)
            if switch is not None and (tested := switch.child_by_field_name("condition")) is not None:
                yield Comparison(tree.source(bare(tested)), tree.source(value), tree.span(value))


def lookups(tree: Tree, first: int, last: int) -> Iterator[Lookup]:
    """Variables that are given the result of a map look-up in lines first..last."""
    start, end = tree.bounds(first)[0], tree.bounds(last)[1]
    for node in tree.walk(tree.root, start, end):
        if not start <= node.start_byte < end:
            continue
        if node.type == "init_declarator":
            target, value = (
                declared(node.child_by_field_name("declarator"))[0],
                node.child_by_field_name("value"),
            )
        elif node.type == "assignment_expression":
            target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        else:
            continue
        if value is not None and value.type == "cast_expression":
            value = value.child_by_field_name("value")
        value = bare(value) if value is not None else None
        if target is None or value is None or value.type != "call_expression":
            continue
        call = _call(tree, value)
        parts = tree.ancestors(node)
        span = tree.span(
            next((part for part in parts if part.type.endswith(("statement", "declaration"))), node)
        )
        if call.name.startswith("bpf_map_lookup") and len(call.args) >= 2:
            map, key = call.args[0].text.lstrip("&( "), call.args[1].text
            yield Lookup(tree.source(target), map, key, span, call.name)
        elif call.receiver and call.name in _LOOKUPS and call.args:
            yield Lookup(tree.source(target), call.receiver, call.args[0].text, span, call.name)


def names(tree: Tree, root: Node) -> frozenset[str]:
    """All identifiers in a piece of code, callees too."""
    found = tree.walk(root, root.start_byte, root.end_byte)
    return frozenset(tree.word(node) for node in found if node.type == "identifier")


def names_in(tree: Tree, root: Node) -> frozenset[str]:
    """The variables whose value an expression uses: not members, not callees, not what stands in sizeof."""
    return frozenset(
        tree.word(node)
        for node in tree.walk(root, root.start_byte, root.end_byte)
        if node.type == "identifier" and _is_value(tree, node)
    )


def names_on(tree: Tree, line: int) -> frozenset[str]:
    """The variables that a line mentions, in expressions or as what it declares."""
    start, end = tree.bounds(line)
    return frozenset(
        tree.word(node)
        for node in tree.on_line(line)
        if node.type == "identifier" and start <= node.start_byte < end
    )


def values_on(tree: Tree, line: int) -> tuple[Expression, ...]:
    """The variables whose value or address a line uses, in order, each time they stand there."""
    start, end = tree.bounds(line)
    return tuple(
        _expression(tree, node)
        for node in tree.on_line(line)
        if node.type == "identifier" and start <= node.start_byte < end and _is_value(tree, node)
    )


def strings_on(tree: Tree, line: int) -> tuple[Expression, ...]:
    """String literals on a line, without those that fill an array or are the format of BCC's printing."""
    start, end = tree.bounds(line)
    return tuple(
        _expression(tree, node)
        for node in tree.on_line(line)
        if node.type == "string_literal" and start <= node.start_byte < end and not _is_copied(tree, node)
    )


def _is_copied(tree: Tree, literal: Node) -> bool:
    """Whether the text itself goes onto the stack: `char a[] = "…"`, bpf_trace_printk("…")."""
    parent = tree.parent(literal)
    if parent is not None and parent.type == "init_declarator":
        return bool(declared(parent.child_by_field_name("declarator"))[2])
    call = tree.parent(parent) if parent is not None and parent.type == "argument_list" else None
    callee = tree.source(call.child_by_field_name("function")) if call is not None else ""
    first = parent.named_children[0] if parent is not None and parent.named_children else None
    return callee == "bpf_trace_printk" and first == literal


def _is_value(tree: Tree, node: Node) -> bool:
    """Whether an identifier stands for a variable's value (or its address)."""
    parent = tree.parent(node)
    if parent is None or parent.type.endswith("_declarator"):
        return parent is not None and parent.child_by_field_name("value") == node
    if parent.type in ("parameter_declaration", "declaration", "labeled_statement", "goto_statement"):
        return False
    if parent.type == "call_expression" and parent.child_by_field_name("function") == node:
        return False
    for part in tree.ancestors(parent):
        if part.type in _UNEVALUATED:
            return False
        if not part.type.endswith("_expression"):
            break
    return True
