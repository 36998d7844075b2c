"""What is run: code with its maps, as a loader would hand it to the kernel."""

from __future__ import annotations

import struct
from collections.abc import Container, Mapping
from enum import IntEnum
from functools import lru_cache

from bpfdoctor.kernel.instructions import LD_IMM64
from bpfdoctor.model.record import dataclass, field

_INSN = struct.Struct("<BBhi")


class ImmKind(IntEnum):
    """What the 64 bits of an `r1 = … ll` are (BPF_PSEUDO_*)."""

    NUMBER = 0
    MAP = 1
    MAP_VALUE = 2
    BTF = 3  # a variable of the kernel's, or a kfunc's address
    FUNCTION = 4
    MAP_BY_INDEX = 5
    MAP_VALUE_BY_INDEX = 6


class MapKind(IntEnum):
    """enum bpf_map_type, those that the machine has a model for."""

    HASH = 1
    ARRAY = 2
    PROG_ARRAY = 3
    PERF_EVENT_ARRAY = 4
    PERCPU_HASH = 5
    PERCPU_ARRAY = 6
    STACK_TRACE = 7
    CGROUP_ARRAY = 8
    LRU_HASH = 9
    LRU_PERCPU_HASH = 10
    LPM_TRIE = 11
    ARRAY_OF_MAPS = 12
    HASH_OF_MAPS = 13
    DEVMAP = 14
    SOCKMAP = 15
    CPUMAP = 16
    XSKMAP = 17
    SOCKHASH = 18
    CGROUP_STORAGE = 19
    REUSEPORT_SOCKARRAY = 20
    PERCPU_CGROUP_STORAGE = 21
    QUEUE = 22
    STACK = 23
    SK_STORAGE = 24
    DEVMAP_HASH = 25
    STRUCT_OPS = 26
    RINGBUF = 27
    INODE_STORAGE = 28
    TASK_STORAGE = 29
    BLOOM_FILTER = 30
    USER_RINGBUF = 31
    CGRP_STORAGE = 32
    ARENA = 33


ARRAYS = frozenset({MapKind.ARRAY, MapKind.PERCPU_ARRAY})


@dataclass(frozen=True, slots=True)
class MapSpec:
    """A map as its creator asked for it. `initial`: value by key, what the loader puts in (`.rodata`)."""

    name: str
    kind: int
    key_size: int
    value_size: int
    max_entries: int
    flags: int = 0
    inner: MapSpec | None = None
    initial: Mapping[bytes, bytes] = field(default_factory=dict)
    is_frozen: bool = False


class Instruction:
    """One instruction, taken apart. Wide ones have `wide`, the 64 bits, and `next_imm`."""

    __slots__ = ("code", "dst", "imm", "next_imm", "off", "src", "wide")

    def __init__(self, code: int, dst: int, src: int, off: int, imm: int) -> None:
        self.code, self.dst, self.src, self.off, self.imm = code, dst, src, off, imm
        self.wide, self.next_imm = 0, 0


@dataclass(frozen=True, slots=True)
class Runnable:
    """Code of one program and all functions it calls; `maps` by the descriptor in its instructions."""

    name: str
    kind: int  # enum bpf_prog_type
    code: bytes
    maps: Mapping[int, MapSpec]
    attach: int = 0  # expected_attach_type
    #: names of the kfuncs it calls, by the numbers in the call (imm, off)
    kfuncs: Mapping[tuple[int, int], str] = field(default_factory=dict)
    #: (file without its folder, line) of the source, by the first slot that comes from it
    lines: Mapping[int, tuple[str, int]] = field(default_factory=dict)

    def place_of(self, slot: int) -> tuple[str, int] | None:
        """The line of the source that a slot comes from."""
        return next((self.lines[start] for start in sorted(self.lines, reverse=True) if start <= slot), None)

    def slots_of(self, places: Container[tuple[str, int]]) -> frozenset[int]:
        """The slots that come from lines of the source."""
        starts = sorted(self.lines)
        ends = [*starts[1:], len(self.code) // 8]
        return frozenset(
            slot
            for start, end in zip(starts, ends, strict=True)
            if self.lines[start] in places
            for slot in range(start, end)
        )

    def decoded(self) -> tuple[Instruction | None, ...]:
        """By slot; None for the second half of a wide one. Raises ValueError for half an instruction."""
        return _decoded(self.code)


@lru_cache(maxsize=8)  # a program is run hundreds of times
def _decoded(text: bytes) -> tuple[Instruction | None, ...]:
    if len(text) % 8:
        raise ValueError("not whole instructions")
    found: list[Instruction | None] = []
    slots = list(_INSN.iter_unpack(text))
    index = 0
    while index < len(slots):
        code, registers, off, imm = slots[index]
        insn = Instruction(code, registers & 15, registers >> 4, off, imm)
        found.append(insn)
        if code == LD_IMM64 and index + 1 < len(slots):
            insn.next_imm = slots[index + 1][3]
            insn.wide = (imm & 0xFFFFFFFF) | (insn.next_imm & 0xFFFFFFFF) << 32
            found.append(None)
            index += 1
        index += 1
    return tuple(found)
