"""What other loaders set before they load: sizes of maps, and types of sections that this libbpf lacks.

Part of the child that loads: it must not import more than it needs.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpfdoctor.capture._libbpf_abi import Libbpf

# linux/bpf.h: enum bpf_map_type
_HASHES = {1, 5, 9, 10, 11}  # hash, percpu hash, lru hash, lru percpu hash, lpm trie
_VALUES = _HASHES | {2, 6, 22, 23}  # and array, percpu array, queue, stack
_WITHOUT_SIZE = {4, 19, 21, 24, 26, 28, 29, 32}  # perf events: libbpf counts CPUs; storage, struct_ops: none
_RING_BUFFERS = {27, 31}
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
        if not lib.bpf_map__value_size(bpf_map) and kind in _VALUES:
            lib.bpf_map__set_value_size(bpf_map, _LARGE_VALUE)
            sized = f"values of {_LARGE_VALUE} bytes, more than its loader may give it"
            said.append(f"The map {name} has no size for its values: it was created with {sized}.")
    return said


def type_of(bpf: Libbpf, section: str) -> tuple[int, int, str] | None:
    """(type, expected attach type, why) for a section that this libbpf does not know; None for no idea."""
    here = f"libbpf {bpf.version()}, which is here, does not know it"
    for name, (known, attach) in _NEW.items():
        if section == name or section.startswith(name + "/"):
            found = bpf.type_by_name(known)
            return found and (found[0], attach, f'SEC("{section}") is loaded as {known}: {here}.')
    for name in _OLD:
        if section.startswith(name) and not section[len(name) : len(name) + 1].isalpha():
            found = bpf.type_by_name(name)
            return found and (*found, f'SEC("{section}") is loaded as {name}, by how it begins: {here}.')
    return None
