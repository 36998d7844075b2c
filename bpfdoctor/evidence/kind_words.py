"""The verifier's words for what a register holds, and for what a call takes, in a reader's words."""

from __future__ import annotations

from collections.abc import Callable

# What a register holds. Source: reg_type_str(), kernel/bpf/log.c (6.2 on), kernel/bpf/verifier.c before.
_KINDS = {
    "scalar": "a number",
    "inv": "a number",
    "fp": "the address of a local variable",
    "ctx": "the context",
    "map_ptr": "a map",
    "map_key": "a pointer to a map key",
    "map_value": "a pointer to a map value",
    "pkt": "a packet pointer",
    "pkt_meta": "a pointer to packet metadata",
    "pkt_end": "the end of the packet",
    "sock": "a socket",
    "sock_common": "a socket (struct sock_common)",
    "tcp_sock": "a TCP socket",
    "xdp_sock": "an XDP socket",
    "mem": "memory from a helper",
    "ringbuf_mem": "a ring buffer record",
    "alloc_mem": "a ring buffer record",
    "rdonly_mem": "read-only memory",
    "buf": "a buffer",
    "rdonly_buf": "a read-only buffer",
    "rdwr_buf": "a buffer",
    "func": "a function",
    "flow_keys": "the flow keys",
    "dynptr_ptr": "a dynptr",
    "ptr_": "a pointer to a kernel object",
    "trusted_ptr_": "a trusted pointer to a kernel object",
    "rcu_ptr_": "an RCU-protected pointer to a kernel object",
    "untrusted_ptr_": "an untrusted pointer to a kernel object",
}
_STRUCT = "ptr_"

# What a call takes: the list that it prints. Source: compatible_reg_types[], kernel/bpf/verifier.c.
_EXPECTED = (
    ({"map_ptr"}, 'a map: the address of one that is declared in SEC(".maps")'),
    ({"ctx"}, "the program's own context, unchanged"),
    ({"func"}, "a function of this program, for the kernel to call"),
    ({"fp", "dynptr_ptr"}, "the address of a struct bpf_dynptr on the stack"),
    ({"fp", "map_value"}, "the address of memory: a local variable, a map value, the packet"),
    ({"fp"}, "the address of a local variable"),
    ({"ringbuf_mem"}, "a record that bpf_ringbuf_reserve handed out"),
    ({"alloc_mem"}, "a record that bpf_ringbuf_reserve handed out"),
    ({"sock_common"}, "a socket: from a lookup, or from the context"),
    ({"map_value"}, "a pointer to a map value"),
)


def kind(word: str) -> str:
    """`fp` -> "the address of a local variable"; a word nobody knows stays as it is."""
    base = word.removesuffix("_or_null")
    spoken = _KINDS.get(base)
    if spoken is None and _STRUCT in base:
        before, _, name = base.partition(_STRUCT)
        spoken = f"{_KINDS.get(before + _STRUCT, 'a pointer to a kernel object')} (struct {name})"
    return (spoken or base) + (" or NULL" if base != word else "")


def expected(words: str) -> str:
    """`fp, pkt, map_value, mem` -> "the address of memory: a local variable, …"."""
    kinds = {word.strip() for word in words.split(",")}
    found = next((spoken for every, spoken in _EXPECTED if every <= kinds), None)
    return found or " or ".join(dict.fromkeys(kind(word.strip()) for word in words.split(",")))


FILTERS: dict[str, Callable[..., str]] = {"kind": kind, "expected": expected}
