"""Helpers that read, write and move the packet (net/core/filter.c)."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX, signed
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.calls.registry import Arguments, context_only, given, model
from bpfdoctor.machine.concrete.maps import EFAULT, EINVAL
from bpfdoctor.machine.concrete.process import Process


def _within(process: Process, offset: int, size: int) -> bool:
    return offset >= 0 and offset + size <= len(process.context.packet_bytes)


@model("bpf_skb_load_bytes", "bpf_xdp_load_bytes")
def _load_bytes(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    offset, to, size = given(a, 2) & U32_MAX, given(a, 3), given(a, 4) & U32_MAX
    process.memory.at(to, max(size, 1), is_write=True)
    if not _within(process, offset, size):
        process.memory.write(to, bytes(size))
        return -EFAULT
    process.memory.write(to, process.context.packet_bytes[offset : offset + size])
    return 0


@model("bpf_skb_store_bytes", "bpf_xdp_store_bytes")
def _store_bytes(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    offset, size = given(a, 2) & U32_MAX, given(a, 4) & U32_MAX
    data = process.memory.read(given(a, 3), size)
    process.did("bpf_skb_store_bytes", offset, data)
    if not _within(process, offset, size) or process.context.packet is None:
        return -EFAULT
    at = process.context.start + offset
    process.context.packet.data[at : at + size] = data
    return 0


@model("bpf_skb_pull_data")
def _pull(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    return 0 if (given(a, 2) & U32_MAX) <= len(process.context.packet_bytes) else -12


def _moved(process: Process, name: str, start: int, end: int, meta: int) -> int:
    process.did(name, start - process.context.start, end - process.context.end)
    packet = process.context.packet
    if packet is None or not 0 <= meta <= start < end <= len(packet.data) or not process.world.is_lucky(name):
        return -EINVAL
    context.moved(process.context, start=start, end=end, meta=meta)
    return 0


@model("bpf_xdp_adjust_head")
def _adjust_head(process: Process, a: Arguments) -> int:
    by = signed(given(a, 2), 32)
    start = process.context.start + by
    return _moved(process, "bpf_xdp_adjust_head", start, process.context.end, start)


@model("bpf_xdp_adjust_meta")
def _adjust_meta(process: Process, a: Arguments) -> int:
    meta = process.context.meta + signed(given(a, 2), 32)
    if meta % 4 or process.context.start - meta > 32:
        return -EINVAL
    return _moved(process, "bpf_xdp_adjust_meta", process.context.start, process.context.end, meta)


@model("bpf_xdp_adjust_tail")
def _adjust_tail(process: Process, a: Arguments) -> int:
    end = process.context.end + signed(given(a, 2), 32)
    return _moved(process, "bpf_xdp_adjust_tail", process.context.start, end, process.context.meta)


@model("bpf_skb_change_tail")
def _change_tail(process: Process, a: Arguments) -> int:
    end = process.context.start + (given(a, 2) & U32_MAX)
    return _moved(process, "bpf_skb_change_tail", process.context.start, end, process.context.meta)


@model("bpf_skb_change_head")
def _change_head(process: Process, a: Arguments) -> int:
    start = process.context.start - (given(a, 2) & U32_MAX)
    return _moved(process, "bpf_skb_change_head", start, process.context.end, start)


@model("bpf_skb_vlan_push", "bpf_skb_vlan_pop", "bpf_skb_change_proto", "bpf_skb_adjust_room",
        "bpf_lwt_push_encap", "bpf_lwt_seg6_store_bytes", "bpf_lwt_seg6_adjust_srh", "bpf_clone_redirect",
        "bpf_msg_pull_data", "bpf_msg_push_data", "bpf_msg_pop_data", "bpf_l3_csum_replace",
        "bpf_l4_csum_replace", "bpf_skb_change_type", "bpf_skb_set_tstamp", "bpf_sk_assign")  # fmt: skip
def _changed(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    count = process.nth("change")
    process.did("change", *[value for value in a[1:] if value is not None])
    return 0 if process.world.is_lucky(f"change {count}") else -EINVAL


@model("bpf_xdp_get_buff_len")
def _length(process: Process, a: Arguments) -> int:
    return len(process.context.packet_bytes)


@model("bpf_csum_diff")
def _checksum(process: Process, a: Arguments) -> int:
    before = process.memory.read(given(a, 1), given(a, 2) & U32_MAX)
    after = process.memory.read(given(a, 3), given(a, 4) & U32_MAX)
    total = given(a, 5) & U32_MAX
    for at in range(0, len(before), 4):
        total += ~int.from_bytes(before[at : at + 4], "little") & U32_MAX
    for at in range(0, len(after), 4):
        total += int.from_bytes(after[at : at + 4], "little")
    while total >> 32:
        total = (total & U32_MAX) + (total >> 32)
    return total
