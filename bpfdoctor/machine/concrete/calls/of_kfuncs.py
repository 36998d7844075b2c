"""Kfuncs that tell, open regions, count and look into dynptrs (kernel/bpf/helpers.c)."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX, signed
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.calls.of_memory import read_text
from bpfdoctor.machine.concrete.calls.registry import Arguments, context_only, given, kfunc
from bpfdoctor.machine.concrete.faults import Fault, FaultKind, Thrown
from bpfdoctor.machine.concrete.maps import EINVAL
from bpfdoctor.machine.concrete.process import Process

EDEADLK, ERANGE = 35, 34

_RESILIENT = ("bpf_res_spin_lock", "bpf_res_spin_lock_irqsave")


@kfunc("bpf_rcu_read_lock", "bpf_rcu_read_unlock", "bpf_preempt_disable", "bpf_preempt_enable")
def _nothing(process: Process, a: Arguments) -> int:
    return 0


@kfunc("bpf_local_irq_save")
def _save(process: Process, a: Arguments) -> int:
    process.memory.store(given(a, 1), 8, 0)
    process.hold(given(a, 1), "the state of interrupts")
    return 0


@kfunc("bpf_local_irq_restore")
def _restore(process: Process, a: Arguments) -> int:
    process.give_back(given(a, 1))
    return 0


@kfunc(*_RESILIENT)
def _lock(process: Process, a: Arguments) -> int:
    if given(a, 1) in process.locks or not process.world.is_lucky(f"lock {process.nth('lock')}"):
        return -EDEADLK
    process.locks.append(given(a, 1))
    return 0


@kfunc("bpf_res_spin_unlock", "bpf_res_spin_unlock_irqrestore")
def _unlock(process: Process, a: Arguments) -> int:
    if process.locks[-1:] != [given(a, 1)]:
        raise Fault(FaultKind.DEADLOCK, "this lock is not the one that was taken last")
    process.locks.pop()
    return 0


@kfunc("bpf_throw")
def _throw(process: Process, a: Arguments) -> int:
    raise Thrown(given(a, 1))


@kfunc("bpf_rdonly_cast")
def _cast(process: Process, a: Arguments) -> int:
    return given(a, 1)


@kfunc("bpf_cast_to_kern_ctx")
def _kernel_context(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    return context.typed_address(process.world, "the kernel's context")


@kfunc("bpf_map_sum_elem_count")
def _elements(process: Process, a: Arguments) -> int:
    return process.world.number(f"elements of {process.map_of(given(a, 1)).spec.name}", 16)


@kfunc("bpf_wq_init", "bpf_wq_set_callback_impl", "bpf_wq_start")
def _work(process: Process, a: Arguments) -> int:
    process.memory.at(given(a, 1), 16, is_write=True)
    process.did("bpf_wq")
    return 0


@kfunc("bpf_copy_from_user_str")
def _user_text(process: Process, a: Arguments) -> int:
    return read_text(process, a, "user")


@kfunc("bpf_iter_num_new")
def _iter_new(process: Process, a: Arguments) -> int:
    place, start, end = given(a, 1), signed(given(a, 2), 32), signed(given(a, 3), 32)
    region = process.memory.add("number", "iterator", bytearray(4), is_writable=False)
    is_bad = start > end or end - start > 8 << 20
    process.memory.store(place, 8, region.base)
    process.counts[f"iterator {place}"] = start
    process.counts[f"end {place}"] = start if is_bad else end
    process.held[place] = "an iterator"
    return -EINVAL if is_bad else 0


@kfunc("bpf_iter_num_next")
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


@kfunc("bpf_iter_num_destroy")
def _iter_destroy(process: Process, a: Arguments) -> int:
    if process.held.pop(given(a, 1), None) is None:
        raise Fault(FaultKind.ARGUMENT, "this is no iterator")
    return 0


@kfunc("bpf_dynptr_from_skb", "bpf_dynptr_from_xdp")
def _from_packet(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    packet = process.context.packet
    if packet is None:
        return -EINVAL
    process.memory.store(given(a, 3), 8, packet.base + process.context.start)
    process.memory.store(given(a, 3) + 8, 8, len(process.context.packet_bytes))
    return 0


@kfunc("bpf_dynptr_slice", "bpf_dynptr_slice_rdwr")
def _slice(process: Process, a: Arguments) -> int:
    start, length = process.memory.load(given(a, 1), 8), process.memory.load(given(a, 1) + 8, 8)
    offset, size = given(a, 2) & U32_MAX, given(a, 4) & U32_MAX
    return start + offset if start and offset + size <= length else 0


@kfunc("bpf_dynptr_size")
def _size(process: Process, a: Arguments) -> int:
    return process.memory.load(given(a, 1) + 8, 8) or -EINVAL


@kfunc("bpf_dynptr_is_null")
def _is_null(process: Process, a: Arguments) -> int:
    return int(not process.memory.load(given(a, 1), 8))


@kfunc("bpf_dynptr_clone")
def _clone(process: Process, a: Arguments) -> int:
    process.memory.write(given(a, 2), process.memory.read(given(a, 1), 16))
    return 0


@kfunc("bpf_dynptr_adjust")
def _adjust(process: Process, a: Arguments) -> int:
    begin, length = process.memory.load(given(a, 1), 8), process.memory.load(given(a, 1) + 8, 8)
    start, end = given(a, 2) & U32_MAX, given(a, 3) & U32_MAX
    if not begin or start > end:
        return -EINVAL
    if end > length:
        return -ERANGE
    process.memory.store(given(a, 1), 8, begin + start)
    process.memory.store(given(a, 1) + 8, 8, end - start)
    return 0
