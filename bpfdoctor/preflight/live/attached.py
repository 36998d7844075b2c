"""Where each loaded program is attached: by links, perf events, devices and cgroups."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress

from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.model.record import dataclass
from bpfdoctor.preflight.live import loaded, netlink
from bpfdoctor.preflight.live.hook_counts import Counted
from bpfdoctor.preflight.live.loaded import Link, LoadedProgram
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.preflight.system.in_force import rights_in_force
from bpfdoctor.preflight.system.kernel_files import Folder

_CGROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
_MOST_CGROUPS = 2000
# enum bpf_attach_type of programs that are attached to cgroups, by program type
_CGROUP_TYPES = {
    "cgroup_skb": (0, 1), "cgroup_sock": (2, 12, 13, 34), "sock_ops": (3,), "cgroup_device": (6,),
    "cgroup_sock_addr": (8, 9, 10, 11, 14, 15, 19, 20, 29, 30, 31, 32), "cgroup_sysctl": (18,),
    "cgroup_sockopt": (21, 22),
}  # fmt: skip
_TRACEPOINT, _LSM = "btf_trace_", "bpf_lsm_"


@dataclass(frozen=True, slots=True)
class Place:
    """One place a program is attached to, in words, and what counts how often it is reached."""

    said: str
    counted: Counted | None = None
    missed: int | None = None


class Attachments:
    """All of this machine, asked once."""

    def __init__(self, programs: Sequence[LoadedProgram]) -> None:
        self._by_program: dict[int, list[Place]] = {}
        self._types: LargeBtf | None = None
        self._programs = {program.id: program for program in programs}
        linked = {(link.program, link.kind) for link in self._of_links()}
        for index, device, id in netlink.xdp():
            if (id, "xdp") not in linked:
                self._add(id, Place(f"device {device} (XDP)", Counted("xdp", device)))
            del index
        for index, device in _devices():
            for direction, id in netlink.tc(index):
                self._add(id, Place(f"device {device}, {direction} (tc)", Counted(direction, device)))
        for id, target in _perf_events():
            kind = self._programs[id].type if id in self._programs else ""
            if (id, "perf_event") not in linked:
                self._add(id, _of_perf(kind, target))
        for id, table in loaded.tail_called():
            self._add(id, Place(f"map {table}, for tail calls"))
        for id, path in self._cgroups():
            if (id, "cgroup") not in linked:
                self._add(id, Place(f"cgroup {path}"))

    def of(self, program: LoadedProgram) -> tuple[Place, ...]:
        return tuple(self._by_program.get(program.id, ()))

    def meant(self, program: LoadedProgram) -> Place | None:
        """The hook that a program was loaded for; only tracing programs say it."""
        return self._of_btf(program.attach_btf_id) if program.attach_btf_id else None

    def _add(self, program: int, place: Place) -> None:
        places = self._by_program.setdefault(program, [])
        if place not in places:
            places.append(place)

    def _of_links(self) -> Iterator[Link]:
        for link in loaded.links():
            place = self._of_link(link)
            if place is not None:
                self._add(link.program, place)
            yield link

    def _of_link(self, link: Link) -> Place | None:
        program = self._programs.get(link.program)
        match link.kind:
            case "raw_tracepoint":
                return Place(f"tracepoint {link.target}", Counted("tracepoint", link.target))
            case "tracing":
                return self._of_btf(program.attach_btf_id if program else link.btf_id) or Place(
                    "a kernel function"
                )
            case "xdp" | "tcx" | "netkit":
                device = _device(link.ifindex)
                kind = "xdp" if link.kind == "xdp" else "ingress"
                counted = Counted(kind, device) if link.kind == "xdp" else None
                return Place(f"device {device} ({link.kind})", counted)
            case "cgroup":
                return Place(f"cgroup {_path_of(link.cgroup)}")
            case "perf_event":
                place = _of_perf(program.type if program else "", link.target)
                return Place(place.said, place.counted, link.missed)
            case "kprobe_multi":
                return Place("several kernel functions (kprobe.multi)", None, link.missed)
        return Place(f"a link ({link.kind})")

    def _of_btf(self, id: int) -> Place | None:
        if self._types is None:
            data = Host().read(Folder.SYS, "kernel/btf/vmlinux")
            with suppress(ValueError, struct.error):
                self._types = LargeBtf(data) if data else None
        found = self._types.type(id) if self._types else None
        if found is None or not found.name:
            return None
        if found.name.startswith(_TRACEPOINT):
            name = found.name.removeprefix(_TRACEPOINT)
            return Place(f"tracepoint {name}", Counted("tracepoint", name))
        if found.name.startswith(_LSM):
            return Place(f"LSM hook {found.name.removeprefix(_LSM)}")
        return Place(f"function {found.name}", Counted("function", found.name))

    def _cgroups(self) -> Iterator[tuple[int, str]]:
        wanted = {kind for program in self._programs.values() for kind in _CGROUP_TYPES.get(program.type, ())}
        for path in _cgroup_folders() if wanted else ():
            with suppress(OSError):
                with rights_in_force():
                    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    for kind in wanted:
                        yield from ((id, path) for id in loaded.queried(descriptor, kind))
                finally:
                    os.close(descriptor)


def _of_perf(kind: str, target: str) -> Place:
    if kind == "tracepoint":
        return Place(f"tracepoint {target}", Counted("tracepoint", target))
    if target.startswith("/"):
        return Place(f"{target} (uprobe)")
    if kind == "kprobe" and target:
        return Place(f"function {target} (kprobe)", Counted("function", target))
    return Place("a perf event")


def _perf_events() -> Iterator[tuple[int, str]]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            yield from loaded.perf_events(int(name))


def _devices() -> list[tuple[int, str]]:
    return socket.if_nameindex()


def _device(index: int) -> str:
    with suppress(OSError):
        return socket.if_indextoname(index)
    return f"number {index} (of another network namespace)"


def _cgroup_folders() -> Iterator[str]:
    count = 0
    for root in _CGROUPS:
        if not os.path.exists(f"{root}/cgroup.controllers"):
            continue
        for path, _, _ in os.walk(root):
            count += 1
            if count > _MOST_CGROUPS:
                return
            yield path


def _path_of(id: int) -> str:
    """A cgroup's id is its folder's inode."""
    for path in _cgroup_folders():
        with suppress(OSError):
            if os.stat(path).st_ino == id:
                return path
    return f"number {id}"
