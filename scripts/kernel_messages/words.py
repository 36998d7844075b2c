"""The verifier's own words, read from its tables: types of registers, kinds of BTF types, fields …"""

from __future__ import annotations

from tree_sitter import Node

from scripts.kernel_messages import csource
from scripts.kernel_messages.csource import CSource
from scripts.kernel_messages.strings import Strings

# kind of word -> the function or table that holds the words (older kernels have only the table)
_TABLES = {
    "btf_kind": ("btf_type_str", "btf_kind_str"),
    "field": ("btf_field_type_name",),
    "dynptr_type": ("dynptr_type_str",),
    "iter_state": ("iter_state_str",),
    "plain_type": ("bpf_diag_reg_type_plain",),
    "context": ("diag_context_name", "non_sleepable_context_description"),
}
_NO_WORD = {"?", "", "UNKNOWN", "UNKN"}


def words(sources: list[CSource]) -> dict[str, set[str]]:
    """Kind of word -> the words of one kernel."""
    strings = Strings(sources)
    found: dict[str, set[str]] = {kind: set() for kind in (*_TABLES, "reg_type", "reg_type_modifier")}
    for kind, names in _TABLES.items():
        for name in names:
            if name in strings.functions:
                source, function = strings.functions[name]
                found[kind] |= _literals(source, function)
            for source in sources:
                if name in source.tables:
                    found[kind] |= _literals(source, source.tables[name])
    for source in sources:
        if "reg_type_str" in source.tables:  # 5.10: an array
            found["reg_type"] |= _literals(source, source.tables["reg_type_str"])
    if "reg_type_str" in strings.functions:
        source, function = strings.functions["reg_type_str"]
        for node in csource.descendants(function):
            if node.type == "string_literal":
                modifier = csource.enclosing(node, "conditional_expression") is not None or (
                    csource.enclosing(node, "assignment_expression") is not None
                    or csource.enclosing(node, "call_expression") is not None
                )
                text = csource.literal(source, node)
                if "%" not in text:
                    found["reg_type_modifier" if modifier else "reg_type"].add(text)
    return {kind: {text for text in texts - _NO_WORD if "%" not in text} for kind, texts in found.items()}


def _literals(source: CSource, node: Node) -> set[str]:
    return {
        csource.literal(source, child)
        for child in csource.descendants(node)
        if child.type == "string_literal"
    }
