"""Dynptrs: 16 bytes that the program may not look into; here an address and a length."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.concrete.calls.of_references import reserve
from bpfdoctor.machine.concrete.calls.registry import Arguments, given, model
from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.maps import EINVAL
from bpfdoctor.machine.concrete.process import Process


def _dynptr(process: Process, place: int) -> tuple[int, int]:
    start, size = process.memory.load(place, 8), process.memory.load(place + 8, 8)
    return start, size


@model("bpf_dynptr_from_mem")
def _dynptr_from_memory(process: Process, a: Arguments) -> int:
    size = given(a, 2) & U32_MAX
    process.memory.at(given(a, 1), max(size, 1))
    process.memory.store(given(a, 4), 8, given(a, 1))
    process.memory.store(given(a, 4) + 8, 8, size)
    return 0


@model("bpf_ringbuf_reserve_dynptr")
def _reserve_dynptr(process: Process, a: Arguments) -> int:
    record = reserve(process, a[:2])
    process.held.pop(record, None)
    process.held[given(a, 4)] = "a ring buffer record"
    process.memory.store(given(a, 4), 8, record)
    process.memory.store(given(a, 4) + 8, 8, given(a, 2) & U32_MAX if record else 0)
    return 0 if record else -EINVAL


@model("bpf_ringbuf_submit_dynptr", "bpf_ringbuf_discard_dynptr")
def _submit_dynptr(process: Process, a: Arguments) -> int:
    if process.held.pop(given(a, 1), None) is None:
        raise Fault(FaultKind.ARGUMENT, "this is no ring buffer record that is held")
    start, _ = _dynptr(process, given(a, 1))
    region = process.memory.region_of(start) if start else None
    if region is not None:
        process.did("bpf_ringbuf_submit", region.name, bytes(region.data))
        process.free(region)
    return 0


@model("bpf_dynptr_read")
def _dynptr_read(process: Process, a: Arguments) -> int:
    size, (start, length) = given(a, 2) & U32_MAX, _dynptr(process, given(a, 3))
    process.memory.at(given(a, 1), max(size, 1), is_write=True)
    if not start or (given(a, 4) & U32_MAX) + size > length:
        process.memory.write(given(a, 1), bytes(size))
        return -7 if start else -EINVAL
    process.memory.write(given(a, 1), process.memory.read(start + (given(a, 4) & U32_MAX), size))
    return 0


@model("bpf_dynptr_write")
def _dynptr_write(process: Process, a: Arguments) -> int:
    start, length = _dynptr(process, given(a, 1))
    offset, size = given(a, 2) & U32_MAX, given(a, 4) & U32_MAX
    data = process.memory.read(given(a, 3), size)
    if not start or offset + size > length:
        return -7 if start else -EINVAL
    process.memory.write(start + offset, data)
    return 0


@model("bpf_dynptr_data")
def _dynptr_data(process: Process, a: Arguments) -> int:
    start, length = _dynptr(process, given(a, 1))
    offset, size = given(a, 2) & U32_MAX, given(a, 3) & U32_MAX
    return start + offset if start and offset + size <= length else 0
