"""What in a map's declaration its type forbids: the attribute, by name, from the object's BTF."""

from __future__ import annotations

import mmap
from collections.abc import Iterator

from bpfdoctor.formats.btf import Btf, MapDef
from bpfdoctor.kernel import types
from bpfdoctor.kernel.versions import series
from bpfdoctor.model.diagnosis import Layer

# Sources: map_alloc_check of each type in kernel/bpf (ringbuf.c, arraymap.c, hashtab.c, lpm_trie.c,
# queue_stack_maps.c, bpf_local_storage.c), as of Linux 6.18.
_RINGS = {27, 31}
_KEY_IS_INDEX = {2, 3, 4, 6, 8, 12}
_VALUE_IS_DESCRIPTOR = {3, 4, 8, 12, 13}
_WITHOUT_KEY = {22, 23, 30}
_STORAGE = {24, 28, 29, 32}
_PER_CPU = {5, 6, 10, 21}
_LPM_TRIE, _LRU = 11, {9, 10}
_NO_PREALLOC = 1  # BPF_F_NO_PREALLOC
_MOST_PER_CPU = 32 << 10  # PCPU_MIN_UNIT_SIZE
_TRIE_KEYS = (5, 260)  # bytes: 32 bits of length, and 8 to 2048 bits


def wrong(elf: bytes, name: str, release: str) -> tuple[str, Layer]:
    """One sentence about what the kernel does not take in a map's declaration ("" where nothing shows), and
    whether it is the declaration that is wrong, or the kernel that is too old for it.
    """
    btf = Btf.from_elf(elf)
    found = btf.maps.get(name) if btf else None
    if found is None or found.type is None:
        return "", Layer.SOURCE
    kind = types.maps().get(found.type)
    what = kind.name.replace("_", " ") if kind else ""
    if kind is None:
        return f"{name} has the type {found.type}, which no Linux up to ours has.", Layer.SOURCE
    if release and series(release) < series(kind.since):
        return f"{name} is of type {kind.name}, which came with Linux {kind.since}.", Layer.ENVIRONMENT
    said = next(_wrong(found, found.type, f"{_article(what)} {what}"), "")
    return f"In the declaration of {name}: {said}." if said else "", Layer.SOURCE


def _article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"


def _wrong(declared: MapDef, kind: int, what: str) -> Iterator[str]:
    key, value, entries = declared.key_size, declared.value_size, declared.max_entries
    flags = declared.flags or 0
    page = mmap.PAGESIZE
    if kind in _RINGS | _WITHOUT_KEY and key:
        yield f"{what} has no key, and this one has a key of {key} bytes"
    if kind in _RINGS:
        if value:
            yield f"{what} has no value, and this one has a value of {value} bytes"
        if entries and (entries & (entries - 1) or entries % page):
            yield (
                f"max_entries of {what} is its size in bytes, a power of two in whole pages of {page} bytes, "
                f"and {entries} is not"
            )
    if kind in _KEY_IS_INDEX and key not in (None, 0, 4):
        yield f"the key of {what} has 4 bytes, and this one has {key}"
    if kind in _VALUE_IS_DESCRIPTOR and value not in (None, 0, 4):
        yield f"the value of {what} has 4 bytes, and this one has {value}"
    if kind in _PER_CPU and value and value > _MOST_PER_CPU:
        yield f"the value of {what} has {_MOST_PER_CPU} bytes at most, and this one has {value}"
    if kind == _LPM_TRIE:
        if not flags & _NO_PREALLOC:
            yield f"{what} needs __uint(map_flags, BPF_F_NO_PREALLOC), which is not there"
        if key is not None and not _TRIE_KEYS[0] <= key <= _TRIE_KEYS[1]:
            least, most = _TRIE_KEYS
            yield f"the key of {what} has {least} to {most} bytes, and this one has {key}"
    if kind in _LRU and flags & _NO_PREALLOC:
        yield f"{what} is always preallocated, and map_flags has BPF_F_NO_PREALLOC"
    if kind in _STORAGE:
        if not flags & _NO_PREALLOC:
            yield f"{what} needs __uint(map_flags, BPF_F_NO_PREALLOC), which is not there"
        if entries:
            yield f"{what} has no max_entries, and this one has {entries}"
        if key not in (None, 4):
            yield f"the key of {what} has 4 bytes, and this one has {key}"
