"""The operators of conditional jumps as the verifier prints them; `s` compares signed numbers."""

from __future__ import annotations

# Source: bpf_jmp_string[], kernel/bpf/disasm.c. `&` (any of these bits) has no opposite.
NEGATED = {
    "==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "s<": "s>=", "s>=": "s<", "s>": "s<=", "s<=": "s>",
}  # fmt: skip
_SWAPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def swapped(operator: str) -> str:
    """The same comparison with its sides exchanged."""
    sign = "s" if operator.startswith("s") else ""
    plain = operator.removeprefix("s")
    return sign + _SWAPPED.get(plain, plain)
