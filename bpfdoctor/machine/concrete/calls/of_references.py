"""Helpers that take and give back: ring buffer records, sockets, locks; callbacks."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.concrete.calls.registry import Arguments, given, model
from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.process import Process

_MOST_ROUNDS = 1 << 23


@model("bpf_ringbuf_reserve")
def reserve(process: Process, a: Arguments) -> int:
    of, size = process.map_of(given(a, 1)), given(a, 2)
    label = f"{of.spec.name} has room {process.nth(of.spec.name)}"
    if size > of.spec.max_entries or not process.world.is_lucky(label):
        return 0
    record = process.memory.add("ring buffer record", of.spec.name, bytearray(size), what=of)
    process.held[record.base] = "a ring buffer record"
    return record.base


@model("bpf_ringbuf_submit")
def _submit(process: Process, a: Arguments) -> int:
    region = process.memory.region_of(given(a, 1))
    if region is None or region.base != given(a, 1) or region.base not in process.held:
        raise Fault(FaultKind.ARGUMENT, "this is no ring buffer record that is held")
    process.did("bpf_ringbuf_submit", region.name, bytes(region.data))
    process.free(region)
    return 0


@model("bpf_ringbuf_discard")
def _discard(process: Process, a: Arguments) -> int:
    before = len(process.effects)
    _submit(process, a)
    del process.effects[before:]
    return 0


@model("bpf_ringbuf_output")
def _ring_output(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    process.did("bpf_ringbuf_output", of.spec.name, process.memory.read(given(a, 2), given(a, 3) & U32_MAX))
    return 0


@model("bpf_perf_event_output", "bpf_skb_output", "bpf_xdp_output")
def _output(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 2))
    process.did(
        "bpf_perf_event_output", of.spec.name, process.memory.read(given(a, 4), given(a, 5) & U32_MAX)
    )
    return 0


@model("bpf_sk_lookup_tcp", "bpf_sk_lookup_udp", "bpf_skc_lookup_tcp")
def _find_socket(process: Process, a: Arguments) -> int:
    key = process.memory.read(given(a, 2), given(a, 3) & U32_MAX)
    if not process.world.is_lucky(f"socket {key.hex()}"):
        return 0
    data = bytearray(process.world.bytes(f"socket {key.hex()}", 256))
    socket = process.memory.add("typed", "socket", data, is_writable=False)
    process.held[socket.base] = "a socket"
    return socket.base


@model("bpf_sk_release")
def _release_socket(process: Process, a: Arguments) -> int:
    region = process.memory.region_of(given(a, 1))
    if region is None or region.base not in process.held:
        raise Fault(FaultKind.ARGUMENT, "this is no socket that is held")
    process.free(region)
    return 0


@model("bpf_spin_lock")
def _lock(process: Process, a: Arguments) -> int:
    process.memory.at(given(a, 1), 4, is_write=True)
    if process.locks:
        raise Fault(FaultKind.DEADLOCK, "a lock is held already")
    process.locks.append(given(a, 1))
    return 0


@model("bpf_spin_unlock")
def _unlock(process: Process, a: Arguments) -> int:
    if process.locks != [given(a, 1)]:
        raise Fault(FaultKind.DEADLOCK, "this lock is not held")
    process.locks.pop()
    return 0


@model("bpf_kptr_xchg")
def _exchange(process: Process, a: Arguments) -> int:
    old = process.memory.load(given(a, 1), 8)
    process.memory.store(given(a, 1), 8, given(a, 2))
    process.held.pop(given(a, 2), None)
    region = process.memory.region_of(old)
    if region is None or region.kind != "typed":
        return 0
    process.held[old] = "an object"
    return old


@model("bpf_loop")
def _loop(process: Process, a: Arguments) -> int:
    rounds = given(a, 1) & U32_MAX
    if rounds > _MOST_ROUNDS:
        return -7
    for index in range(rounds):
        if process.call_back(given(a, 2), index, given(a, 3)) == 1:
            return index + 1
    return rounds


@model("bpf_timer_init", "bpf_timer_set_callback", "bpf_timer_start", "bpf_timer_cancel")
def _timer(process: Process, a: Arguments) -> int:
    process.memory.at(given(a, 1), 16, is_write=True)
    process.did("bpf_timer")
    return 0
