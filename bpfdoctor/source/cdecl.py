"""Functions, declarations, structs and maps of a C text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from tree_sitter import Node

from bpfdoctor.source.ctree import Tree
from bpfdoctor.source.cvalues import Declaration, Field, Function, MapDeclaration, Param, Struct
from bpfdoctor.source.dialect import MacroCall, context_parameter, program_name

_STORAGE = frozenset({"storage_class_specifier", "attribute_specifier", "ms_declspec_modifier", "comment"})
_AGGREGATES = frozenset({"struct_specifier", "union_specifier"})
_NOINLINE = frozenset({"__noinline", "noinline"})
# BCC's tables: which arguments are key, value and size (src/cc/export/helpers.h).
_TABLES = {
    "BPF_HASH": (1, 2, 3), "BPF_PERCPU_HASH": (1, 2, 3), "BPF_LPM_TRIE": (1, 2, 3),
    "BPF_ARRAY": (None, 1, 2), "BPF_PERCPU_ARRAY": (None, 1, 2), "BPF_HISTOGRAM": (1, None, 2),
    "BPF_STACK_TRACE": (None, None, 1), "BPF_PROG_ARRAY": (None, None, 1), "BPF_PERF_ARRAY": (None, None, 1),
    "BPF_SK_STORAGE": (None, 1, None), "BPF_TASK_STORAGE": (None, 1, None),
    "BPF_INODE_STORAGE": (None, 1, None), "BPF_RINGBUF_OUTPUT": (None, None, 1),
}  # fmt: skip
_DEFAULTS = {
    "BPF_HASH": ("u64", "u64"), "BPF_PERCPU_HASH": ("u64", "u64"), "BPF_LPM_TRIE": ("u64", "u64"),
    "BPF_ARRAY": ("int", "u64"), "BPF_PERCPU_ARRAY": ("int", "u64"), "BPF_HISTOGRAM": ("int", "u64"),
}  # fmt: skip


def declared(node: Node | None) -> tuple[Node | None, str, list[Node]]:
    """(name, stars, array declarators) of a declarator."""
    stars = ""
    arrays: list[Node] = []
    while node is not None:
        if node.type in ("identifier", "field_identifier", "type_identifier"):
            return node, stars, arrays
        if node.type in ("pointer_declarator", "abstract_pointer_declarator"):
            stars += "*"
        elif node.type == "array_declarator":
            arrays.append(node)
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type in ("parenthesized_declarator", "attributed_declarator"):
            inner = node.named_children[0] if node.named_children else None
        node = inner
    return None, stars, arrays


def type_text(tree: Tree, node: Node, stars: str = "") -> str:
    """The type of a declaration or parameter as written, without `static` and attributes."""
    parts: list[str] = []
    for child in node.children:
        if child.type == "type_qualifier":
            parts.append(tree.source(child))
        elif child == node.child_by_field_name("type"):
            name = child.child_by_field_name("name")
            if child.child_by_field_name("body") is not None:
                word = child.type.removesuffix("_specifier")
                parts.append(f"{word} {tree.word(name)}" if name else word)
            else:
                parts.append(tree.source(child))
    text = " ".join(parts)
    return f"{text} {stars}" if stars else text


def struct_of(tree: Tree, node: Node | None) -> str | None:
    """`struct foo` of a type node; None for anything else."""
    if node is None or node.type not in _AGGREGATES:
        return None
    name = node.child_by_field_name("name")
    return f"{node.type.removesuffix('_specifier')} {tree.word(name)}" if name else None


def array_sizes(tree: Tree, arrays: list[Node]) -> tuple[str, ...]:
    return tuple(tree.source(array.child_by_field_name("size")) for array in reversed(arrays))


def function_nodes(tree: Tree) -> Iterator[Node]:
    """Function definitions at file level, also inside what the parser could not make sense of."""
    stack = [tree.root]
    while stack:
        node = stack.pop()
        if node.type == "function_definition":
            yield node
        elif node.type in ("translation_unit", "ERROR", "linkage_specification", "declaration_list"):
            stack.extend(reversed(node.children))


def functions(tree: Tree) -> tuple[Function, ...]:
    found = (_function(tree, node) for node in function_nodes(tree))
    return tuple(sorted((function for function in found if function), key=lambda f: (f.start, f.end)))


def _function(tree: Tree, node: Node) -> Function | None:
    body = node.child_by_field_name("body")
    name, stars, _ = declared(node.child_by_field_name("declarator"))
    if body is None or name is None or body.type != "compound_statement":
        return None
    head = tree.plain.heads.get(name.start_byte)
    specifiers = {tree.source(child) for child in node.children if child.type == "storage_class_specifier"}
    # Attributes and SEC(…) are blank now: they stand between the previous piece of code and the body.
    previous = node.prev_sibling
    start = previous.end_byte if previous else 0
    attributes, calls = tree.plain.attributes, tree.plain.sections
    first = bisect_left(attributes, (start, ""))
    marks = {word for _, word in attributes[first : bisect_left(attributes, (body.start_byte, ""))]}
    at = bisect_left(calls, body.start_byte, key=lambda call: call.end) - 1
    section = (
        calls[at].args[0].strip('"') if at >= 0 and calls[at].start >= start and calls[at].args else None
    )
    return Function(
        name=(program_name(head) if head else "") or tree.word(name).strip(),
        span=tree.span(node),
        body=tree.span(body),
        params=_params(tree, node.child_by_field_name("declarator"), head),
        returns=type_text(tree, node, stars) if not head else "int",
        static="static" in specifiers,
        inline="inline" in specifiers or any("inline" in mark.lower() for mark in marks - _NOINLINE),
        noinline=bool(marks & _NOINLINE),
        section=section,
        macro=head.name if head else None,
    )


def param_nodes(declarator: Node | None) -> list[Node]:
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    params = declarator.child_by_field_name("parameters") if declarator else None
    return [node for node in params.named_children if node.type == "parameter_declaration"] if params else []


def _params(tree: Tree, declarator: Node | None, head: MacroCall | None) -> tuple[Param, ...]:
    found: list[Param] = []
    context = context_parameter(head) if head else None
    if context:
        found.append(Param(context, "void *"))
    for node in param_nodes(declarator):
        name, stars, arrays = declared(node.child_by_field_name("declarator"))
        if name is not None:
            found.append(Param(tree.word(name), type_text(tree, node, stars + "*" * len(arrays))))
    return tuple(found)


def _declarators(node: Node) -> Iterator[tuple[Node, Node | None]]:
    """(declarator, value) of each thing that a declaration declares."""
    for child in node.children_by_field_name("declarator"):
        if child.type == "init_declarator":
            inner = child.child_by_field_name("declarator")
            if inner is not None:
                yield inner, child.child_by_field_name("value")
        else:
            yield child, None


def declarations(tree: Tree, node: Node, scope: str) -> Iterator[Declaration]:
    """What one declaration or parameter declares."""
    pairs = list(_declarators(node))
    for declarator, value in pairs:
        name, stars, arrays = declared(declarator)
        if name is None or declarator.type == "function_declarator":
            continue
        yield Declaration(
            name=tree.word(name),
            type=type_text(tree, node, stars),
            span=tree.span(declarator),
            statement=tree.span(node),
            initialiser=tree.source(value) if value else None,
            arrays=array_sizes(tree, arrays),
            struct=struct_of(tree, node.child_by_field_name("type")),
            scope=scope,
            alone=len(pairs) == 1,
        )


def locals_of(tree: Tree, function: Node) -> Iterator[Declaration]:
    """What is declared in the blocks of a function."""
    stack = [function.child_by_field_name("body")]
    while stack:
        node = stack.pop()
        if node is None or node.type in ("expression_statement", "return_statement"):
            continue
        if node.type == "declaration":
            yield from declarations(tree, node, "local")
        else:
            stack.extend(reversed(node.named_children))


def globals_of(tree: Tree) -> Iterator[Declaration]:
    """What is declared outside of functions, maps among it."""
    for child in tree.root.named_children:
        if child.type == "declaration":
            yield from declarations(tree, child, "global")


def declaration_of(tree: Tree, name: str, line: int) -> Declaration | None:
    """The declaration in force at a line: of the innermost block, then a parameter, then a global."""
    start, end = tree.bounds(line)
    offset = start + max(0, len(tree.code[start:end].rstrip()) - 1)
    for node in tree.ancestors(tree.root.named_descendant_for_byte_range(offset, offset)):
        found: Declaration | None = None
        if node.type == "function_definition":
            for param in param_nodes(node.child_by_field_name("declarator")):
                found = next((d for d in declarations(tree, param, "parameter") if d.name == name), found)
        elif node.type in ("compound_statement", "for_statement", "translation_unit", "ERROR"):
            outermost = node == tree.root
            for child in node.named_children:
                if child.type == "declaration" and (outermost or child.start_byte < end):
                    scope = "global" if outermost else "local"
                    found = next((d for d in declarations(tree, child, scope) if d.name == name), found)
        if found is not None:
            return found
    return None


def structs(tree: Tree) -> dict[str, Struct]:
    """Structs and unions with a body, by `struct name` and by typedef name."""
    found: dict[str, Struct] = {}
    stack = [tree.root]
    while stack:
        node = stack.pop()
        if (
            node.type != "function_definition"
        ):  # types inside functions are rare, and walking them is not cheap
            stack.extend(reversed(node.named_children))
        if node.type not in _AGGREGATES or node.child_by_field_name("body") is None:
            continue
        fields = tuple(_fields(tree, node))
        names = [struct_of(tree, node)]
        parent = tree.parent(node)
        if parent is not None and parent.type == "type_definition":
            names += [tree.word(declared(d)[0]) for d in parent.children_by_field_name("declarator")]
        for name in names:
            if name:
                found.setdefault(name, Struct(name, tree.span(node), fields, _has_attributes(tree, node)))
    return found


def _has_attributes(tree: Tree, node: Node) -> bool:
    """Whether something about the layout may stand at a struct or its members."""
    end = tree.code.find(b";", node.end_byte)
    blanked = tree.plain.attributes
    inside = bisect_left(blanked, (node.start_byte, "")) < bisect_left(blanked, (max(end, node.end_byte), ""))
    return inside or b"__attribute__" in tree.code[node.start_byte : max(end, node.end_byte)]


def _fields(tree: Tree, node: Node) -> Iterator[Field]:
    body = node.child_by_field_name("body")
    for child in body.named_children if body else ():
        if child.type != "field_declaration":
            continue
        declarators = child.children_by_field_name("declarator")
        clause = next((c for c in child.children if c.type == "bitfield_clause"), None)
        bits = tree.source(clause).lstrip(": ") if clause else None
        line = tree.line_of(child.start_byte)
        if not declarators:
            yield Field("", type_text(tree, child), line, (), bits)
        for declarator in declarators:
            name, stars, arrays = declared(declarator)
            sizes = array_sizes(tree, arrays)
            yield Field(tree.word(name), type_text(tree, child, stars), line, sizes, bits)


def maps(tree: Tree) -> dict[str, MapDeclaration]:
    """Maps defined with __uint/__type members or with BCC's macros, by name."""
    found: dict[str, MapDeclaration] = {}
    for call in tree.plain.tables:
        table = _bcc_table(tree, call)
        if table is not None:
            found.setdefault(table.name, table)
    members = sorted(tree.plain.members, key=lambda call: call.start)
    starts = [call.start for call in members]
    for node in tree.root.named_children if members else ():
        type = node.child_by_field_name("type")
        name, _, _ = declared(next(iter(node.children_by_field_name("declarator")), None))
        if node.type != "declaration" or type is None or type.type not in _AGGREGATES or name is None:
            continue
        inside = members[bisect_left(starts, type.start_byte) : bisect_left(starts, type.end_byte)]
        values = {call.args[0]: ", ".join(call.args[1:]) for call in inside if len(call.args) > 1}
        if values:
            found[tree.word(name)] = MapDeclaration(
                tree.word(name), values.get("type", ""), tree.line_of(node.start_byte),
                values.get("key"), values.get("value"), values.get("max_entries"),
            )  # fmt: skip
    return found


def _bcc_table(tree: Tree, call: MacroCall) -> MapDeclaration | None:
    """`BPF_HASH(name, key, value, size)`; BPF_TABLE has its kind first and its name fourth."""
    line, args = tree.line_of(call.start), call.args
    if call.name.startswith("BPF_TABLE") and len(args) >= 5:
        return MapDeclaration(args[3], args[0].strip('"'), line, args[1], args[2], args[4])
    if not args or not args[0].isidentifier():
        return None
    key, value, size = (
        args[at] if at is not None and at < len(args) else None for at in _TABLES.get(call.name, (None,) * 3)
    )
    default = _DEFAULTS.get(call.name, (None, None))
    return MapDeclaration(args[0], call.name, line, key or default[0], value or default[1], size)
