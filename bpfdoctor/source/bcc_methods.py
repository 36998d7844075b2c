"""BCC's methods of maps (`counts.increment(key)`): the helpers they become, and where the arguments are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfdoctor.source.cvalues import Call

ARGUMENTS = ("r1", "r2", "r3", "r4", "r5")
# Method -> helper -> the register of each argument, "" for a part of another one (b_frontend_action.cc).
Registers = tuple[str, ...]
_METHODS: Mapping[str, Mapping[str, Registers]] = {
    "lookup": {"bpf_map_lookup_elem": ("r2",)},
    "lookup_or_init": {"bpf_map_lookup_elem": ("r2",), "bpf_map_update_elem": ("r2", "r3")},
    "lookup_or_try_init": {"bpf_map_lookup_elem": ("r2",), "bpf_map_update_elem": ("r2", "r3")},
    "update": {"bpf_map_update_elem": ("r2", "r3")},
    "insert": {"bpf_map_update_elem": ("r2", "r3")},
    "delete": {"bpf_map_delete_elem": ("r2",)},
    "push": {"bpf_map_push_elem": ("r2", "r3")},
    "pop": {"bpf_map_pop_elem": ("r2",)},
    "peek": {"bpf_map_peek_elem": ("r2",)},
    "increment": {"bpf_map_lookup_elem": ("r2",), "bpf_map_update_elem": ("r2",)},
    "atomic_increment": {"bpf_map_lookup_elem": ("r2",), "bpf_map_update_elem": ("r2",)},
    "perf_submit": {"bpf_perf_event_output": ("r1", "r4", "r5")},
    "perf_submit_skb": {"bpf_perf_event_output": ("r1", "", "r4", "r5")},
    "perf_read": {"bpf_perf_event_read": ("r2",)},
    "perf_counter_value": {"bpf_perf_event_read_value": ("r2", "r3", "r4")},
    "ringbuf_output": {"bpf_ringbuf_output": ("r2", "r3", "r4")},
    "ringbuf_reserve": {"bpf_ringbuf_reserve": ("r2",)},
    "ringbuf_submit": {"bpf_ringbuf_submit": ("r1", "r2")},
    "ringbuf_discard": {"bpf_ringbuf_discard": ("r1", "r2")},
    "ringbuf_query": {"bpf_ringbuf_query": ("r2",)},
    "get_stackid": {"bpf_get_stackid": ("r1", "r3")},
    "call": {"bpf_tail_call": ("r1", "r3")},
    "redirect_map": {"bpf_redirect_map": ("r2", "r3")},
    "check_current_task": {"bpf_current_task_under_cgroup": ("r2",)},
    "sk_storage_get": {"bpf_sk_storage_get": ("r2", "r3", "r4")},
    "sk_storage_delete": {"bpf_sk_storage_delete": ("r2",)},
    "inode_storage_get": {"bpf_inode_storage_get": ("r2", "r3", "r4")},
    "inode_storage_delete": {"bpf_inode_storage_delete": ("r2",)},
    "task_storage_get": {"bpf_task_storage_get": ("r2", "r3", "r4")},
    "task_storage_delete": {"bpf_task_storage_delete": ("r2",)},
    "get_local_storage": {"bpf_get_local_storage": ("r2",)},
    "sock_map_update": {"bpf_sock_map_update": ("r1", "r3", "r4")},
    "sock_hash_update": {"bpf_sock_hash_update": ("r1", "r3", "r4")},
    "msg_redirect_hash": {"bpf_msg_redirect_hash": ("r1", "r3", "r4")},
    "sk_redirect_hash": {"bpf_sk_redirect_hash": ("r1", "r3", "r4")},
}
# The register that has the map, where it is not r1.
_MAP: Mapping[str, str | None] = {
    "bpf_perf_event_output": "r2",
    "bpf_get_stackid": "r2",
    "bpf_tail_call": "r2",
    "bpf_sock_map_update": "r2",
    "bpf_sock_hash_update": "r2",
    "bpf_msg_redirect_hash": "r2",
    "bpf_sk_redirect_hash": "r2",
    "bpf_ringbuf_submit": None,
    "bpf_ringbuf_discard": None,
}
_BY_VALUE = ("increment", "atomic_increment")  # BCC copies the key


def registers_of(call: Call, helper: str | None) -> Registers | None:
    """Where a call's arguments are when it is, or becomes, one of `helper`; None when it does not."""
    if call.receiver:
        return _METHODS.get(call.name, {}).get(helper or "")
    return ARGUMENTS[: len(call.args)] if call.name == helper else None


def map_register(helper: str) -> str | None:
    """The register that has the map on which the method was called."""
    return _MAP.get(helper, "r1")


def takes_a_copy(call: Call) -> bool:
    """Whether the first argument is a value that BCC copies, and whose address the helper gets."""
    return call.receiver is not None and call.name in _BY_VALUE
