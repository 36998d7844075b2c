"""What a register can hold, by the verifier's word for it, and how that is said."""

from __future__ import annotations

from typing import NamedTuple


class RegisterKind(NamedTuple):
    """`noun` goes with an adjective ("untrusted map value"), `spoken` answers what a register holds."""

    word: str  # reg_type_str(), without the modifiers
    noun: str
    spoken: str
    since: str


# Source: reg_type_str(), kernel/bpf/log.c (6.2 on), kernel/bpf/verifier.c before.
KINDS = {
    kind.word: kind
    for kind in (
        RegisterKind("?", "nothing (never set)", "nothing (never set)", "3.18"),
        RegisterKind("inv", "number", "a number", "3.18"),  # up to 5.17
        RegisterKind("scalar", "number", "a number", "5.18"),
        RegisterKind("ctx", "the context", "the context", "3.18"),
        RegisterKind("map_ptr", "map", "a map", "3.18"),
        RegisterKind("map_key", "map key", "a pointer to a map key", "5.13"),
        RegisterKind("map_value", "map value", "a pointer to a map value", "3.18"),
        RegisterKind("fp", "stack", "the address of a local variable", "3.18"),
        RegisterKind("pkt", "packet pointer", "a packet pointer", "4.7"),
        RegisterKind("pkt_meta", "packet metadata pointer", "a pointer to packet metadata", "4.15"),
        RegisterKind("pkt_end", "end of the packet", "the end of the packet", "4.7"),
        RegisterKind("flow_keys", "flow keys", "the flow keys", "4.20"),
        RegisterKind("sock", "socket", "a socket", "4.20"),
        RegisterKind("sock_common", "socket (common part)", "a socket (struct sock_common)", "5.1"),
        RegisterKind("tcp_sock", "TCP socket", "a TCP socket", "5.1"),
        RegisterKind("tp_buffer", "tracepoint buffer", "a tracepoint buffer", "5.2"),
        RegisterKind("xdp_sock", "XDP socket", "an XDP socket", "5.3"),
        RegisterKind("ptr", "kernel pointer", "a pointer to a kernel object", "5.5"),  # ptr_task_struct
        RegisterKind("mem", "memory", "memory from a helper", "5.8"),
        RegisterKind("buf", "buffer", "a buffer", "5.9"),  # with rdonly_ or rdwr_ in front up to 5.16
        RegisterKind("func", "function", "a function", "5.13"),
        RegisterKind("dynptr_ptr", "dynptr", "a dynptr", "6.1"),
        RegisterKind("arena", "arena pointer", "an arena pointer", "6.9"),
        RegisterKind("insn", "jump table entry", "a jump table entry", "6.19"),
    )
}
# With a modifier in front some mean something of their own.
MODIFIED = {
    "ringbuf_mem": "a ring buffer record",
    "alloc_mem": "a ring buffer record",  # its name up to 6.1
    "rdonly_mem": "read-only memory",
    "rdonly_buf": "a read-only buffer",
    "rdwr_buf": "a buffer",
    "trusted_ptr": "a trusted pointer to a kernel object",
    "rcu_ptr": "an RCU-protected pointer to a kernel object",
    "untrusted_ptr": "an untrusted pointer to a kernel object",
}
# Before a kind, in the order of printing.
MODIFIERS = ("rdonly", "rdwr", "ringbuf", "alloc", "user", "percpu", "rcu", "untrusted", "trusted")
# What a reader who knows the verifier's messages is told of them; the others say where a pointer came from.
ADJECTIVES = {
    "trusted": "trusted",
    "untrusted": "untrusted",
    "rcu": "RCU-protected",
    "percpu": "per-CPU",
    "user": "user-space",
    "rdonly": "read-only",
}
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


def held(word: str) -> str:
    """`fp` -> "the address of a local variable"; a word nobody knows stays as it is."""
    base = word.removesuffix("_or_null")
    spoken = MODIFIED.get(base) or (KINDS[base].spoken if base in KINDS else None)
    if spoken is None and _STRUCT in base:
        before, _, name = base.partition(_STRUCT)
        spoken = MODIFIED.get(f"{before}ptr", KINDS["ptr"].spoken)
        spoken += f" (struct {name})" if name else ""
    return (spoken or base) + (" or NULL" if base != word else "")


def expected(words: str) -> str:
    """`fp, pkt, map_value, mem` -> "the address of memory: a local variable, …"."""
    kinds = {word.strip() for word in words.split(",")}
    found = next((spoken for every, spoken in _EXPECTED if every <= kinds), None)
    return found or " or ".join(dict.fromkeys(held(word.strip()) for word in words.split(",")))
