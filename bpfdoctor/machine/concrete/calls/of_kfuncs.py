"""The kfuncs that the machine has a model for: regions without effect, number iterators, dynptr slices."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX, signed
from bpfdoctor.machine.concrete.calls.registry import Arguments, Model, context_only, given
from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.maps import EINVAL
from bpfdoctor.machine.concrete.process import Process

MODELS: dict[str, Model] = {}


def _nothing(process: Process, a: Arguments) -> int:
    return 0


for _name in ("bpf_rcu_read_lock", "bpf_rcu_read_unlock", "bpf_preempt_disable", "bpf_preempt_enable"):
    MODELS[_name] = _nothing


def _iter_new(process: Process, a: Arguments) -> int:
    place, start, end = given(a, 1), signed(given(a, 2), 32), signed(given(a, 3), 32)
    region = process.memory.add("number", "iterator", bytearray(4), is_writable=False)
    is_bad = start > end or end - start > 8 << 20
    process.memory.store(place, 8, region.base)
    process.counts[f"iterator {place}"] = start
    process.counts[f"end {place}"] = start if is_bad else end
    process.held[place] = "an iterator"
    return -EINVAL if is_bad else 0


def _iter_next(process: Process, a: Arguments) -> int:
    place = given(a, 1)
    if place not in process.held:
        raise Fault(FaultKind.ARGUMENT, "this is no iterator")
    current = process.counts[f"iterator {place}"]
    if current >= process.counts[f"end {place}"]:
        return 0
    process.counts[f"iterator {place}"] = current + 1
    region = process.memory.region_of(process.memory.load(place, 8))
    assert region is not None
    region.data[:] = (current & U32_MAX).to_bytes(4, "little")
    return region.base


def _iter_destroy(process: Process, a: Arguments) -> int:
    if process.held.pop(given(a, 1), None) is None:
        raise Fault(FaultKind.ARGUMENT, "this is no iterator")
    return 0


def _from_packet(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    packet = process.context.packet
    if packet is None:
        return -EINVAL
    process.memory.store(given(a, 3), 8, packet.base + process.context.start)
    process.memory.store(given(a, 3) + 8, 8, len(process.context.packet_bytes))
    return 0


def _slice(process: Process, a: Arguments) -> int:
    start, length = process.memory.load(given(a, 1), 8), process.memory.load(given(a, 1) + 8, 8)
    offset, size = given(a, 2) & U32_MAX, given(a, 4) & U32_MAX
    return start + offset if start and offset + size <= length else 0


def _size(process: Process, a: Arguments) -> int:
    return process.memory.load(given(a, 1) + 8, 8) or -EINVAL


MODELS |= {
    "bpf_iter_num_new": _iter_new,
    "bpf_iter_num_next": _iter_next,
    "bpf_iter_num_destroy": _iter_destroy,
    "bpf_dynptr_from_skb": _from_packet,
    "bpf_dynptr_from_xdp": _from_packet,
    "bpf_dynptr_slice": _slice,
    "bpf_dynptr_slice_rdwr": _slice,
    "bpf_dynptr_size": _size,
}
