"""Which memory the helpers read and write through the pointers they get."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.model.trace import RegState

# Helpers that fill a buffer: the register with its address, and the one with its size.
_FILLS = {
    "r1 r2": """probe_read probe_read_kernel probe_read_user probe_read_str probe_read_kernel_str
        probe_read_user_str get_current_comm copy_from_user copy_from_user_task snprintf snprintf_btf
        dynptr_read""",
    "r2 r3": """get_stack get_task_stack d_path fib_lookup skb_get_tunnel_key skb_get_tunnel_opt
        perf_prog_read_value read_branch_records sysctl_get_name sysctl_get_current_value
        sysctl_get_new_value get_func_ip""",
    "r3 r4": "skb_load_bytes skb_load_bytes_relative xdp_load_bytes perf_event_read_value skb_get_xfrm_state",
    "r4 r5": "getsockopt sk_getsockopt load_hdr_opt",
}
FILLS = {f"bpf_{name}": tuple(regs.split()) for regs, names in _FILLS.items() for name in names.split()}

# Helpers that only read what they are pointed to.
_READS = """
    map_lookup_elem map_update_elem map_delete_elem map_lookup_percpu_elem map_push_elem for_each_map_elem
    loop trace_printk trace_vprintk perf_event_output ringbuf_output skb_output xdp_output seq_printf
    seq_write skb_store_bytes xdp_store_bytes csum_diff sk_lookup_tcp sk_lookup_udp skc_lookup_tcp
    setsockopt sk_setsockopt skb_set_tunnel_key skb_set_tunnel_opt bind dynptr_write copy_to_user
    probe_write_user lwt_push_encap store_hdr_opt sysctl_set_new_value tcp_check_syncookie
    tcp_gen_syncookie strncmp redirect_neigh
"""
READS = frozenset(f"bpf_{name}" for name in _READS.split())
# The names of others that write, when a state does not show it.
_WRITES = re.compile(
    r"peek_elem|pop_elem|strto|ns_current|reserve_dynptr|dynptr_from|dynptr_clone|iter_\w+_new"
)


def filled(name: str, regs: Mapping[str, RegState]) -> tuple[str, int | None] | None:
    """The register that points to what a helper fills, and how many bytes; None for other helpers."""
    if name not in FILLS:
        return None
    pointer, size = FILLS[name]
    known = regs.get(size)
    return pointer, known.value if known is not None else None


def may_write(name: str) -> bool:
    """Whether a helper writes through one of its pointers, as its name says."""
    return _WRITES.search(name) is not None
