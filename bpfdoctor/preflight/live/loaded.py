"""The programs, links and maps that are loaded here, asked of the kernel by bpf(2); nothing is changed."""

from __future__ import annotations

import ctypes as ct
import errno
import os
import struct
from collections.abc import Iterator
from contextlib import suppress

from bpfdoctor.kernel import types
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass
from bpfdoctor.preflight.system.bpf_call import bpf
from bpfdoctor.preflight.system.in_force import rights_in_force

# enum bpf_cmd
LOOKUP, GET_NEXT_KEY, _PROG_NEXT, _MAP_NEXT, _PROG_FD, MAP_FD, _INFO, _QUERY = 1, 4, 11, 12, 13, 14, 15, 16
_TASK_FD_QUERY, _LINK_FD, _LINK_NEXT, _ENABLE_STATS = 20, 30, 31, 32
_PROG_INFO, _LINK_INFO, _MAP_INFO = (
    232,
    80,
    96,
)  # bytes of struct bpf_prog_info and its like that are asked for
_BTF_FD, _BTF_INFO = 19, 32
_LINE_INFO, _MOST_LINES = 16, 1 << 20  # bytes of struct bpf_line_info; of one program
PER_CPU = (5, 6, 10)  # enum bpf_map_type: hash, array and LRU hash with a value for each CPU
_RINGBUF = 27
_READ_ONLY = 1 << 7  # BPF_F_RDONLY_PROG
_NAME = 256  # bytes of a name that the kernel is given room for
_MOST_MAPS = 64
_PROG_ARRAY = 3  # enum bpf_map_type
_MOST_SLOTS = 4096
#: enum bpf_link_type
LINKS = (
    "", "raw_tracepoint", "tracing", "cgroup", "iter", "netns", "xdp", "perf_event", "kprobe_multi",
    "struct_ops", "netfilter", "tcx", "uprobe_multi", "netkit", "sockmap",
)  # fmt: skip
# enum bpf_perf_event_type
_UPROBE, _URETPROBE, _KPROBE, _KRETPROBE, _TRACEPOINT, _EVENT = range(1, 7)


@dataclass(frozen=True, slots=True)
class LoadedProgram:
    """A program as the kernel describes it. `runs` counts only while statistics are kept."""

    id: int
    name: str  # at most 15 characters
    type: str
    maps: tuple[int, ...]
    runs: int
    recursion_misses: int
    attach_btf_id: int  # of the kernel's function that a tracing program was loaded for
    load_time: int


@dataclass(frozen=True, slots=True)
class Link:
    """What holds a program to its hook. `kind` is one of LINKS; `target` is the hook's name, if any."""

    id: int
    kind: str
    program: int
    target: str = ""
    ifindex: int = 0
    btf_id: int = 0
    cgroup: int = 0
    missed: int | None = None


@dataclass(frozen=True, slots=True)
class LoadedMap:
    """`type` as in enum bpf_map_type; `entries` None where they are not counted."""

    id: int
    name: str
    type: int
    key_size: int
    most: int
    value_size: int = 0
    flags: int = 0
    btf: int = 0  # the id of the BTF that has its types
    value_type: int = 0

    @property
    def is_written(self) -> bool:
        """Whether programs may write to it."""
        return not self.flags & _READ_ONLY

    @property
    def is_per_cpu(self) -> bool:
        return self.type in PER_CPU

    @property
    def is_ring(self) -> bool:
        return self.type == _RINGBUF


@dataclass(frozen=True, slots=True)
class LoadedCode:
    """What the verifier left of a program: struct bpf_insn, struct bpf_line_info, and the id of its BTF."""

    insns: bytes
    lines: bytes
    btf: int


def programs() -> list[LoadedProgram]:
    """All of them. Raises Problem without the right to ask."""
    return [found for id in _ids(_PROG_NEXT) if (found := program(id)) is not None]


def program(id: int) -> LoadedProgram | None:
    """None when it is gone by now."""
    ids = ct.create_string_buffer(4 * _MOST_MAPS)
    asked = bytearray(_PROG_INFO)
    struct.pack_into("=I", asked, 52, _MOST_MAPS)
    struct.pack_into("=Q", asked, 56, ct.addressof(ids))
    info = _info(_PROG_FD, id, asked)
    if info is None:
        return None
    kind, own = struct.unpack_from("=II", info)
    (load_time,) = struct.unpack_from("=Q", info, 40)
    (count,) = struct.unpack_from("=I", info, 52)
    runs, misses = struct.unpack_from("=QQ", info, 200)
    (attach,) = struct.unpack_from("=I", info, 224)
    maps = struct.unpack_from(f"={min(count, _MOST_MAPS)}I", ids.raw)
    return LoadedProgram(own, _text(info[64:80]), _type(kind), maps, runs, misses, attach, load_time)


def links() -> list[Link]:
    """All of them; none before 5.8, where links have no ids."""
    with suppress(Problem):
        return [found for id in _ids(_LINK_NEXT) if (found := _link(id)) is not None]
    return []


def _link(id: int) -> Link | None:
    plain = _info(_LINK_FD, id, bytearray(_LINK_INFO))
    if plain is None:
        return None
    kind, own, program = struct.unpack_from("=III", plain)
    name = LINKS[kind] if kind < len(LINKS) else f"type {kind}"
    (first,) = struct.unpack_from("=I", plain, 16)
    match name:
        case "raw_tracepoint":
            return Link(own, name, program, target=_name_of(id, pointer=16))
        case "tracing":
            return Link(own, name, program, btf_id=struct.unpack_from("=I", plain, 24)[0])
        case "cgroup":
            return Link(own, name, program, cgroup=struct.unpack_from("=Q", plain, 16)[0])
        case "xdp" | "tcx" | "netkit":
            return Link(own, name, program, ifindex=first)
        case "kprobe_multi":
            return Link(own, name, program, missed=struct.unpack_from("=Q", plain, 32)[0])
        case "perf_event" if first in (_UPROBE, _URETPROBE, _TRACEPOINT, _KPROBE, _KRETPROBE):
            is_kprobe = first in (_KPROBE, _KRETPROBE)
            missed = struct.unpack_from("=Q", plain, 48)[0] if is_kprobe else None
            return Link(own, name, program, target=_name_of(id, pointer=24), missed=missed)
    return Link(own, name, program)


def _name_of(id: int, pointer: int) -> str:
    """The name that a link's info has room for: a pointer and, after it, the length."""
    room = ct.create_string_buffer(_NAME)
    asked = bytearray(_LINK_INFO)
    struct.pack_into("=QI", asked, pointer, ct.addressof(room), _NAME)
    return _text(room.raw) if _info(_LINK_FD, id, asked) is not None else ""


def loaded_map(id: int) -> LoadedMap | None:
    info = _info(MAP_FD, id, bytearray(_MAP_INFO))
    if info is None:
        return None
    kind, own, key, value, most, flags = struct.unpack_from("=6I", info)
    btf, _, value_type = struct.unpack_from("=3I", info, 64)
    return LoadedMap(own, _text(info[24:40]), kind, key, most, value, flags, btf, value_type)


def code(id: int) -> LoadedCode | None:
    """None where it is gone, or the kernel does not show it."""
    plain = _info(_PROG_FD, id, bytearray(_PROG_INFO))
    if plain is None:
        return None
    (size,), (btf,) = struct.unpack_from("=I", plain, 20), struct.unpack_from("=I", plain, 128)
    (lines,) = struct.unpack_from("=I", plain, 148)
    if not size or lines > _MOST_LINES:
        return None
    insns, infos = ct.create_string_buffer(size), ct.create_string_buffer(max(lines, 1) * _LINE_INFO)
    asked = bytearray(_PROG_INFO)
    struct.pack_into("=I", asked, 20, size)
    struct.pack_into("=Q", asked, 32, ct.addressof(insns))
    struct.pack_into("=I", asked, 148, lines)
    struct.pack_into("=Q", asked, 152, ct.addressof(infos))
    struct.pack_into("=I", asked, 172, _LINE_INFO)
    if _info(_PROG_FD, id, asked) is None:
        return None
    return LoadedCode(insns.raw, infos.raw[: lines * _LINE_INFO], btf)


def btf(id: int) -> bytes | None:
    """The BTF of a program or map; None where it may not be read."""
    plain = _info(_BTF_FD, id, bytearray(_BTF_INFO))
    if plain is None:
        return None
    (size,) = struct.unpack_from("=I", plain, 8)
    room = ct.create_string_buffer(size)
    asked = bytearray(_BTF_INFO)
    struct.pack_into("=QI", asked, 0, ct.addressof(room), size)
    return room.raw if _info(_BTF_FD, id, asked) is not None else None


def map_ids() -> list[int]:
    return list(_ids(_MAP_NEXT))


def tail_called() -> Iterator[tuple[int, str]]:
    """(program, map) of the programs that others may jump to."""
    for id in map_ids():
        one = loaded_map(id)
        descriptor = descriptor_of(MAP_FD, id) if one is not None and one.type == _PROG_ARRAY else None
        if one is None or descriptor is None:
            continue
        value = ct.create_string_buffer(4)
        try:
            for index in range(min(one.most, _MOST_SLOTS)):
                key = ct.create_string_buffer(struct.pack("=I", index), 4)
                asked = struct.pack("=IIQQ", descriptor, 0, ct.addressof(key), ct.addressof(value))
                with suppress(OSError):
                    with rights_in_force():
                        bpf(LOOKUP, asked)
                    yield struct.unpack("=I", value.raw)[0], one.name
        finally:
            os.close(descriptor)


def queried(descriptor: int, attach_type: int) -> tuple[int, ...]:
    """The programs that are attached to a cgroup without a link."""
    ids = ct.create_string_buffer(4 * _MOST_MAPS)
    asked = struct.pack("=IIIIQI", descriptor, attach_type, 0, 0, ct.addressof(ids), _MOST_MAPS)
    try:
        with rights_in_force():
            _, told = bpf(_QUERY, asked)
    except OSError:
        return ()
    (count,) = struct.unpack_from("=I", told, 24)
    return struct.unpack_from(f"={min(count, _MOST_MAPS)}I", ids.raw)


def perf_events(pid: int) -> Iterator[tuple[int, str]]:
    """(program, what it is attached to) of a process's perf events: BPF_TASK_FD_QUERY."""
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for name in names:
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/{name}") != "anon_inode:[perf_event]":
                continue
            room = ct.create_string_buffer(_NAME)
            asked = struct.pack("=IIIIQ", pid, int(name), 0, _NAME, ct.addressof(room))
            with rights_in_force():
                _, told = bpf(_TASK_FD_QUERY, asked)
            yield struct.unpack_from("=I", told, 24)[0], _text(room.raw)


class Statistics:
    """While it is held the kernel counts how often programs run. Raises OSError where that is not allowed."""

    def __init__(self) -> None:
        with rights_in_force():
            self._descriptor, _ = bpf(_ENABLE_STATS, struct.pack("=I", 0))

    def __enter__(self) -> Statistics:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _ids(command: int) -> Iterator[int]:
    id = 0
    while True:
        try:
            with rights_in_force():
                _, told = bpf(command, struct.pack("=II", id, 0))
        except OSError as error:
            if error.errno == errno.ENOENT:
                return
            raise Problem(
                f"The kernel does not say what is loaded: {(error.strerror or '').lower()}.",
                "Ask as root: sudo bpfdoctor preflight --live",
            ) from None
        (id,) = struct.unpack_from("=I", told, 4)
        yield id


def descriptor_of(command: int, id: int) -> int | None:
    try:
        with rights_in_force():
            descriptor, _ = bpf(command, struct.pack("=III", id, 0, 0))
        return descriptor
    except OSError:
        return None


def _info(command: int, id: int, room: bytearray) -> bytes | None:
    """What the kernel says of an object, into `room`, which has the pointers that it fills."""
    descriptor = descriptor_of(command, id)
    if descriptor is None:
        return None
    told = (ct.c_char * len(room)).from_buffer(room)
    try:
        with rights_in_force():
            bpf(_INFO, struct.pack("=IIQ", descriptor, len(room), ct.addressof(told)))
        return bytes(told)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _type(number: int) -> str:
    return next((name for name, each in types.programs().items() if each.id == number), f"type {number}")


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "replace")
