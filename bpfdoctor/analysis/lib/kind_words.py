"""The verifier's words for what a register holds, and for what a call takes, in a reader's words."""

from __future__ import annotations

from bpfdoctor.kernel import registers
from bpfdoctor.kernel.registers import KINDS

_STRUCT = "ptr_"

# What a call takes: the list that it prints. Source: compatible_reg_types[], kernel/bpf/verifier.c.
_EXPECTED = (
    ({"map_ptr"}, 'a map: the address of one that is declared in SEC(".maps")'),
    ({"func"}, "a function of this program, for the kernel to call"),
    ({"fp", "dynptr_ptr"}, "the address of a struct bpf_dynptr on the stack"),
    ({"fp", "map_value"}, "the address of memory: a local variable, a map value, the packet"),
    ({"fp"}, "the address of a local variable"),
    ({"ctx"}, "the program's own context, unchanged"),  # some calls take it beside other memory
    ({"ringbuf_mem"}, "a record from bpf_ringbuf_reserve"),
    ({"alloc_mem"}, "a record from bpf_ringbuf_reserve"),
    ({"sock_common"}, "a socket: from a lookup, or from the context"),
    ({"map_value"}, "a pointer to a map value"),
)


def kind(word: str) -> str:
    """`fp` -> "the address of a local variable"; a word nobody knows stays as it is."""
    base = word.removesuffix("_or_null")
    spoken = registers.MODIFIED.get(base) or (KINDS[base].spoken if base in KINDS else None)
    if spoken is None and _STRUCT in base:
        before, _, name = base.partition(_STRUCT)
        spoken = registers.MODIFIED.get(f"{before}ptr", KINDS["ptr"].spoken)
        spoken += f" (struct {name})" if name else ""
    return (spoken or base) + (" or NULL" if base != word else "")


def expected(words: str) -> str:
    """`fp, pkt, map_value, mem` -> "the address of memory: a local variable, …"."""
    kinds = {word.strip() for word in words.split(",")}
    found = next((spoken for every, spoken in _EXPECTED if every <= kinds), None)
    return found or " or ".join(dict.fromkeys(kind(word.strip()) for word in words.split(",")))
