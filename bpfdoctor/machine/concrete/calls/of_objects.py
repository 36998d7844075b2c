"""Kfuncs that make, share and drop objects, keep them in lists and trees, and walk the kernel's own ones."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.calls.registry import Arguments, given, kfunc
from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.process import Process

_SIZE = 1024  # of an object, whose type only its BTF tells: a pointer to it is to its middle, a node's may be
_MOST_WALKED = 3  # elements of a list of the kernel's


def _object(process: Process, label: str) -> int:
    """A new object that the program holds. Its bytes are zero, as the kernel gives it."""
    region = process.memory.add("object", label, bytearray(_SIZE))
    process.hold(region.base, "an object")
    return region.base + _SIZE // 2


def _base_of(process: Process, address: int) -> int:
    region = process.memory.region_of(address)
    if region is None or region.kind != "object" or region.base not in process.held:
        raise Fault(FaultKind.ARGUMENT, "this is no object that the program holds")
    return region.base


@kfunc("bpf_obj_new_impl", "bpf_percpu_obj_new_impl", "bpf_cpumask_create")
def _new(process: Process, a: Arguments) -> int:
    count = process.nth("object")
    return _object(process, f"object {count}") if process.world.is_lucky(f"memory {count}") else 0


@kfunc("bpf_obj_drop_impl", "bpf_percpu_obj_drop_impl", "bpf_cpumask_release")
def _drop(process: Process, a: Arguments) -> int:
    base = _base_of(process, given(a, 1))
    process.give_back(base)
    region = process.memory.region_of(base)
    kept = (process.memory.region_of(node) for nodes in process.graphs.values() for node in nodes)
    if region is not None and base not in process.held and region not in kept:
        region.is_alive = False
    return 0


@kfunc("bpf_refcount_acquire_impl")
def _share(process: Process, a: Arguments) -> int:
    process.hold(_base_of(process, given(a, 1)), "an object")
    return given(a, 1)


# Lists and trees: `graphs` has their nodes in order


def _put(process: Process, root: int, node: int, at: int) -> int:
    process.give_back(_base_of(process, node))
    nodes = process.graphs.setdefault(root, [])
    nodes.insert(at, node)
    region = process.memory.region_of(node)
    assert region is not None
    process.did("put", at if at < len(nodes) - 1 else "last", bytes(region.data))
    return 0


def _nodes(process: Process, root: int) -> list[int]:
    """Those that are in it; whether others had put one there is the world's choice."""
    if root not in process.graphs:
        found = process.graphs[root] = []
        if process.world.is_lucky(f"elements {len(process.graphs)}"):
            found.append(_object(process, f"element {len(process.graphs)}"))
            process.give_back(_base_of(process, found[0]))
    return process.graphs[root]


def _taken(process: Process, root: int, index: int) -> int:
    nodes = _nodes(process, root)
    if not nodes:
        return 0
    node = nodes.pop(index)
    region = process.memory.region_of(node)
    assert region is not None
    process.hold(region.base, "an object")
    return node


@kfunc("bpf_list_push_front_impl")
def _push_front(process: Process, a: Arguments) -> int:
    return _put(process, given(a, 1), given(a, 2), 0)


@kfunc("bpf_list_push_back_impl")
def _push_back(process: Process, a: Arguments) -> int:
    return _put(process, given(a, 1), given(a, 2), len(process.graphs.get(given(a, 1), ())))


@kfunc("bpf_list_pop_front")
def _pop_front(process: Process, a: Arguments) -> int:
    return _taken(process, given(a, 1), 0)


@kfunc("bpf_list_pop_back")
def _pop_back(process: Process, a: Arguments) -> int:
    return _taken(process, given(a, 1), -1)


@kfunc("bpf_rbtree_add_impl")
def _add(process: Process, a: Arguments) -> int:
    root, node, less = given(a, 1), given(a, 2), given(a, 3)
    nodes = process.graphs.get(root, [])
    at = next((at for at, each in enumerate(nodes) if process.call_back(less, node, each)), len(nodes))
    return _put(process, root, node, at)


@kfunc("bpf_rbtree_first", "bpf_rbtree_root")
def _first(process: Process, a: Arguments) -> int:
    return next(iter(_nodes(process, given(a, 1))), 0)


@kfunc("bpf_rbtree_remove")
def _remove(process: Process, a: Arguments) -> int:
    nodes, node = _nodes(process, given(a, 1)), given(a, 2)
    return _taken(process, given(a, 1), nodes.index(node)) if node in nodes else 0


# The kernel's objects


@kfunc("bpf_task_acquire", "bpf_cgroup_acquire", "bpf_cpumask_acquire")
def _acquire(process: Process, a: Arguments) -> int:
    address = given(a, 1)
    is_there = address and process.world.is_lucky(f"object {address:#x}")
    return process.hold(address, "an object of the kernel's") if is_there else 0


@kfunc("bpf_task_from_pid", "bpf_task_from_vpid", "bpf_cgroup_from_id", "bpf_cgroup_ancestor",
       "bpf_task_get_cgroup1")  # fmt: skip
def _by_number(process: Process, a: Arguments) -> int:
    label = " ".join(f"{value:#x}" for value in a[:2] if value is not None)
    if not process.world.is_lucky(f"object of {label}"):
        return 0
    return process.hold(context.typed_address(process.world, label), "an object of the kernel's")


@kfunc("bpf_task_release", "bpf_cgroup_release")
def _release(process: Process, a: Arguments) -> int:
    process.give_back(given(a, 1))
    return 0


@kfunc("bpf_iter_task_new", "bpf_iter_css_new", "bpf_iter_css_task_new", "bpf_iter_task_vma_new")
def _iter_new(process: Process, a: Arguments) -> int:
    place = given(a, 1)
    works = process.world.is_lucky(f"iterator {process.nth('iterator')}")
    process.memory.store(place, 8, 0 if works else U32_MAX)
    process.hold(place, "an iterator")
    return 0 if works else -22


@kfunc("bpf_iter_task_next", "bpf_iter_css_next", "bpf_iter_css_task_next", "bpf_iter_task_vma_next")
def _iter_next(process: Process, a: Arguments) -> int:
    place = given(a, 1)
    if place not in process.held:
        raise Fault(FaultKind.ARGUMENT, "this is no iterator")
    count = process.memory.load(place, 8)
    if count >= _MOST_WALKED or not process.world.is_lucky(f"element {count}"):
        return 0
    process.memory.store(place, 8, count + 1)
    return context.typed_address(process.world, f"element {count}")


@kfunc("bpf_iter_task_destroy", "bpf_iter_css_destroy", "bpf_iter_css_task_destroy",
       "bpf_iter_task_vma_destroy")  # fmt: skip
def _iter_destroy(process: Process, a: Arguments) -> int:
    process.give_back(given(a, 1))
    return 0
