"""Helpers that work on maps (kernel/bpf/helpers.c)."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.concrete.calls.registry import Arguments, context_only, given, model
from bpfdoctor.machine.concrete.maps import ENOENT
from bpfdoctor.machine.concrete.process import Process
from bpfdoctor.machine.concrete.program import MapKind

_MAPS_OF_MAPS = (MapKind.ARRAY_OF_MAPS, MapKind.HASH_OF_MAPS)


@model("bpf_map_lookup_elem")
def _lookup(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    key = process.memory.read(given(a, 2), of.spec.key_size)
    if of.spec.kind in _MAPS_OF_MAPS:
        inner = of.find_map(key)
        return inner.handle.base if inner else 0
    if of.spec.kind in (MapKind.SOCKMAP, MapKind.SOCKHASH, MapKind.XSKMAP):
        label = f"{of.spec.name}[{key.hex()}]"
        if not process.world.is_lucky(label):
            return 0
        socket = process.memory.add(
            "typed", "socket", bytearray(process.world.bytes(label, 256)), is_writable=False
        )
        if of.spec.kind != MapKind.XSKMAP:
            process.held[socket.base] = "a socket"
        return socket.base
    found = of.find(key)
    return found.base if found else 0


@model("bpf_map_lookup_percpu_elem")
def _lookup_percpu(process: Process, a: Arguments) -> int:
    return _lookup(process, a) if given(a, 3) & U32_MAX < 2 else 0


@model("bpf_map_update_elem")
def _update(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    key = process.memory.read(given(a, 2), of.spec.key_size)
    value = process.memory.read(given(a, 3), of.spec.value_size)
    process.did("bpf_map_update_elem", of.spec.name, key, value, given(a, 4))
    return of.update(key, value, given(a, 4))


@model("bpf_map_delete_elem")
def _delete(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    key = process.memory.read(given(a, 2), of.spec.key_size)
    process.did("bpf_map_delete_elem", of.spec.name, key)
    return of.delete(key)


@model("bpf_map_push_elem")
def _push(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    value = process.memory.read(given(a, 2), of.spec.value_size)
    process.did("bpf_map_push_elem", of.spec.name, value)
    of.pushed.append(value)
    return 0


@model("bpf_map_pop_elem", "bpf_map_peek_elem")
def _pop(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    process.memory.at(given(a, 2), of.spec.value_size, is_write=True)
    label = f"{of.spec.name} has {process.nth(of.spec.name)}"
    if of.pushed:
        value = of.pushed.pop()
    elif process.world.is_lucky(label):
        value = process.world.bytes(label, of.spec.value_size)
    else:
        process.memory.write(given(a, 2), bytes(of.spec.value_size))
        return -ENOENT
    process.memory.write(given(a, 2), value)
    return 0


@model("bpf_for_each_map_elem")
def _for_each(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    done = 0
    for key in of.indexes():
        found = of.find(key)
        if found is None:
            continue
        done += 1
        place = process.memory.add("map key", of.spec.name, bytearray(key), is_writable=False)
        if process.call_back(given(a, 2), of.handle.base, place.base, found.base, given(a, 3)) == 1:
            break
    return done


@model("bpf_sk_storage_get", "bpf_task_storage_get", "bpf_inode_storage_get", "bpf_cgrp_storage_get")
def _storage(process: Process, a: Arguments) -> int:
    of, owner = process.map_of(given(a, 1)), given(a, 2)
    if owner == 0:
        return 0
    found = of.find(owner.to_bytes(8, "little"))
    if found is None and given(a, 4) & 1:
        of.update(owner.to_bytes(8, "little"), bytes(of.spec.value_size), 0)
        found = of.find(owner.to_bytes(8, "little"))
    return found.base if found else 0


@model("bpf_get_local_storage")
def _local_storage(process: Process, a: Arguments) -> int:
    of = process.map_of(given(a, 1))
    key = bytes(of.spec.key_size)
    if of.find(key) is None:
        of.update(key, bytes(of.spec.value_size), 0)
    found = of.find(key)
    return (
        found.base
        if found
        else process.memory.add("map value", of.spec.name, bytearray(of.spec.value_size)).base
    )


@model("bpf_tail_call")
def _tail_call(process: Process, a: Arguments) -> int:
    context_only(process, given(a, 1))
    process.did("bpf_tail_call", process.map_of(given(a, 2)).spec.name, given(a, 3) & U32_MAX)
    return -ENOENT  # as where nobody put a program: the code after it is ours


@model("bpf_redirect_map")
def _redirect_map(process: Process, a: Arguments) -> int:
    of, key, flags = process.map_of(given(a, 1)), given(a, 2) & U32_MAX, given(a, 3)
    process.did("bpf_redirect_map", of.spec.name, key, flags)
    return 4 if process.world.is_lucky(f"{of.spec.name}[{key}]") else flags & 3
