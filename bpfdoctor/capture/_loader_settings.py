"""What other loaders set before they load: sizes of maps, and types of sections that this libbpf lacks.

Part of the child that loads: it must not import more than it needs.
"""

from __future__ import annotations

import ctypes as ct
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpfdoctor.capture._libbpf_abi import Libbpf

# linux/bpf.h: enum bpf_map_type
_HASHES = {1, 5, 9, 10, 11}  # hash, percpu hash, lru hash, lru percpu hash, lpm trie
_VALUES = _HASHES | {2, 6, 22, 23}  # and array, percpu array, queue, stack
_WITHOUT_SIZE = {4, 19, 21, 24, 26, 28, 29, 32}  # perf events: libbpf counts CPUs; storage, struct_ops: none
_RING_BUFFERS = {27, 31}
_KEYS_OF_FOUR = {2, 3, 4, 6, 7, 8, 12, 14, 15, 16, 17, 25}  # arrays of any kind and stacks: an index
_VALUES_OF_FOUR = {3, 4, 8, 12, 13, 14, 15, 16, 17, 18, 25}  # a descriptor, an interface …
_OF_MAPS = {12, 13}
_STACKS = 7  # its values are addresses of 8 bytes each
_HASH, _RING_BUFFER = 1, 27
_RING_BUFFERS_HELPERS = {
    130,
    131,
    132,
    133,
    209,
}  # linux/bpf.h: bpf_ringbuf_output …
_CALL = 0x85
_LARGE_VALUE = 4096  # bytes; enough for what a program accesses, little enough for every type

#: Sections whose type other loaders (iproute2, cilium/ebpf, libbpf before 1.0) take from how they begin.
_OLD = (
    "classifier",
    "action",
    "socket",
    "xdp",
    "tc",
    "sk_skb",
    "sk_msg",
    "sockops",
    "kretprobe",
    "kprobe",
    "perf_event",
)
#: What a program's first argument points to -> a section for programs of that kind, the one with most rights
_CONTEXTS = {
    "xdp_md": "xdp", "__sk_buff": "tc", "bpf_sock_addr": "cgroup/connect4", "bpf_sock_ops": "sockops",
    "sk_msg_md": "sk_msg", "sk_reuseport_md": "sk_reuseport", "bpf_sk_lookup": "sk_lookup",
    "bpf_sysctl": "cgroup/sysctl", "bpf_sockopt": "cgroup/getsockopt", "bpf_cgroup_dev_ctx": "cgroup/dev",
    "bpf_perf_event_data": "perf_event", "pt_regs": "kprobe",
}  # fmt: skip
#: Sections of a later libbpf -> (the section that it is here, expected attach type in linux/bpf.h)
_NEW = {
    "tc/ingress": ("tc", 0), "tc/egress": ("tc", 0), "tcx/ingress": ("tc", 46), "tcx/egress": ("tc", 47),
    "netkit/primary": ("tc", 54), "netkit/peer": ("tc", 55),
    "uprobe.multi": ("uprobe", 48), "uretprobe.multi": ("uretprobe", 48),
    "kprobe.session": ("kprobe", 56), "uprobe.session": ("uprobe", 57),
}  # fmt: skip


def size_maps(bpf: Libbpf, obj: int) -> list[str]:
    """Give the maps that have no size the least that their type takes; a sentence about each."""
    lib, said = bpf.lib, []
    for bpf_map in bpf.maps(obj):
        name = (lib.bpf_map__name(bpf_map) or b"").decode("utf-8", "replace")
        kind = lib.bpf_map__type(bpf_map)
        if not lib.bpf_map__max_entries(bpf_map) and kind not in _WITHOUT_SIZE:
            least = os.sysconf("SC_PAGE_SIZE") if kind in _RING_BUFFERS else 1
            lib.bpf_map__set_max_entries(bpf_map, least)
            size = f"{least} bytes" if kind in _RING_BUFFERS else "1 entry"
            said.append(
                f"The map {name} has no max_entries (its loader sets it): it was created with {size}."
            )
        if not lib.bpf_map__key_size(bpf_map) and kind in _KEYS_OF_FOUR:
            lib.bpf_map__set_key_size(bpf_map, 4)
        if not lib.bpf_map__value_size(bpf_map) and kind in _VALUES_OF_FOUR:
            lib.bpf_map__set_value_size(bpf_map, 4)
        if not lib.bpf_map__value_size(bpf_map) and kind == _STACKS:
            lib.bpf_map__set_value_size(bpf_map, 8)
        if kind in _OF_MAPS and not lib.bpf_map__inner_map(bpf_map):
            said.append(
                f"The map {name} holds maps that its loader describes: a stand-in was taken for them, a "
                f"{_inner(bpf, obj)[1]}."
            )
        if not lib.bpf_map__value_size(bpf_map) and kind in _VALUES:
            lib.bpf_map__set_value_size(bpf_map, _LARGE_VALUE)
            sized = f"values of {_LARGE_VALUE} bytes, more than its loader may give it"
            said.append(f"The map {name} has no size for its values: it was created with {sized}.")
    return said


def _inner(bpf: Libbpf, obj: int) -> tuple[tuple[int, int, int, int], str]:
    """(type, size of keys, of values, entries) of what stands in for an inner map, and that in words."""
    kinds = {bpf.lib.bpf_map__type(bpf_map) for bpf_map in bpf.maps(obj)}
    if not kinds & _RING_BUFFERS and any(_calls(bpf, program) for program in bpf.programs(obj)):
        size = os.sysconf("SC_PAGE_SIZE")
        return (_RING_BUFFER, 0, 0, size), f"ring buffer of {size} bytes"
    return (_HASH, 1, _LARGE_VALUE, 1), f"hash with keys of 1 byte and values of {_LARGE_VALUE} bytes"


def _calls(bpf: Libbpf, program: int) -> bool:
    """Whether a program writes to a ring buffer."""
    insns, count = bpf.lib.bpf_program__insns(program), bpf.lib.bpf_program__insn_cnt(program)
    code = ct.string_at(insns, 8 * count)
    return any(
        code[at] == _CALL
        and code[at + 1] >> 4 == 0
        and int.from_bytes(code[at + 4 : at + 8], sys.byteorder) in _RING_BUFFERS_HELPERS
        for at in range(0, len(code), 8)
    )


def make_inner_maps(bpf: Libbpf, obj: int) -> None:
    """Give maps of maps that say nothing of the maps they hold one to be modelled on."""
    lib = bpf.lib
    for bpf_map in bpf.maps(obj):
        if lib.bpf_map__type(bpf_map) in _OF_MAPS and not lib.bpf_map__inner_map(bpf_map):
            kind, key, value, entries = _inner(bpf, obj)[0]
            descriptor = lib.bpf_map_create(kind, b"stand_in", key, value, entries, None)
            if descriptor >= 0:
                lib.bpf_map__set_inner_map_fd(bpf_map, descriptor)


def type_of(bpf: Libbpf, section: str, context: str) -> tuple[int, int, str] | None:
    """(type, expected attach type, why) for a section that this libbpf does not know; None for no idea.

    `context` is the struct that the program's first argument points to.
    """
    here = f"libbpf {bpf.version()}, which is here, does not know it"
    for name, (known, attach) in _NEW.items():
        if section == name or section.startswith(name + "/"):
            found = bpf.type_by_name(known)
            return found and (found[0], attach, f'SEC("{section}") is loaded as {known}: {here}.')
    for name in _OLD:
        if section.startswith(name) and not section[len(name) : len(name) + 1].isalpha():
            found = bpf.type_by_name(name)
            return found and (*found, f'SEC("{section}") is loaded as {name}, by how it begins: {here}.')
    if known := _CONTEXTS.get(context, ""):
        found = bpf.type_by_name(known)
        return found and (
            *found,
            f'SEC("{section}") is loaded as {known}, as its context is {context}: {here}.',
        )
    return None


def context_of(elf: bytes, program: str) -> str:
    """The struct that the first argument of a function points to, "" where the object does not tell."""
    from bpfdoctor.formats.btf import PTR, Btf  # only for objects of other loaders

    types = Btf.from_elf(elf)
    function = types.functions.get(program) if types else None
    for _, kind in types.params(function)[:1] if types and function is not None else ():
        pointer = types.type(types.resolve(kind)) if types else None
        if types and pointer and pointer.kind == PTR:
            return types.name(types.resolve(pointer.ref)).removeprefix("struct ")
    return ""
