"""What a register can hold, by the verifier's word for it, and how that is said."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """`noun` goes with an adjective ("untrusted map value"), `spoken` answers what a register holds."""

    word: str  # reg_type_str(), without the modifiers
    noun: str
    spoken: str
    since: str


# Source: reg_type_str(), kernel/bpf/log.c (6.2 on), kernel/bpf/verifier.c before.
KINDS = {
    kind.word: kind
    for kind in (
        Kind("?", "nothing (never set)", "nothing (never set)", "3.18"),
        Kind("inv", "number", "a number", "3.18"),  # up to 5.17
        Kind("scalar", "number", "a number", "5.18"),
        Kind("ctx", "the context", "the context", "3.18"),
        Kind("map_ptr", "map", "a map", "3.18"),
        Kind("map_key", "map key", "a pointer to a map key", "5.13"),
        Kind("map_value", "map value", "a pointer to a map value", "3.18"),
        Kind("fp", "stack", "the address of a local variable", "3.18"),
        Kind("pkt", "packet pointer", "a packet pointer", "4.7"),
        Kind("pkt_meta", "packet metadata pointer", "a pointer to packet metadata", "4.15"),
        Kind("pkt_end", "end of the packet", "the end of the packet", "4.7"),
        Kind("flow_keys", "flow keys", "the flow keys", "4.20"),
        Kind("sock", "socket", "a socket", "4.20"),
        Kind("sock_common", "socket (common part)", "a socket (struct sock_common)", "5.1"),
        Kind("tcp_sock", "TCP socket", "a TCP socket", "5.1"),
        Kind("tp_buffer", "tracepoint buffer", "a tracepoint buffer", "5.2"),
        Kind("xdp_sock", "XDP socket", "an XDP socket", "5.3"),
        Kind("ptr", "kernel pointer", "a pointer to a kernel object", "5.5"),  # ptr_task_struct
        Kind("mem", "memory", "memory from a helper", "5.8"),
        Kind("buf", "buffer", "a buffer", "5.9"),  # with rdonly_ or rdwr_ in front up to 5.16
        Kind("func", "function", "a function", "5.13"),
        Kind("dynptr_ptr", "dynptr", "a dynptr", "6.1"),
        Kind("arena", "arena pointer", "an arena pointer", "6.9"),
        Kind("insn", "jump table entry", "a jump table entry", "6.19"),
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
# In front of a kind, in the order of printing.
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
