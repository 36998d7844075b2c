"""Attaches programs of silent.bpf.c to devices, cgroups and perf events of its own, and asks preflight.

Argument: the object. Prints JSON: place -> [what became of the program, its count, the rules that are named].
"""

from __future__ import annotations

import ctypes as ct
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.preflight import checks
from bpfdoctor.preflight.system.host import Host
from tests.unit.preflight import counting

_P = ct.c_void_p
_DEVICES = (
    "link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
    "link add w0 mtu 4000 type veth peer name w1 mtu 4000", "link set w0 up", "link set w1 up",
    "link add m0 mtu 4000 type veth peer name m1", "link set m0 up", "link set m1 up",
    "link add d0 type veth peer name d1",
)  # fmt: skip
_FRAME = bytes.fromhex("ffffffffffff 020000000001 0800") + bytes(46)  # IPv4, as far as programs look
_ROUNDS = 5
_NO_DEVICE = 9999
Attached = Callable[[int], object]


class Places:
    def __init__(self, path: str) -> None:
        self._path, self._lib = path, counting.library()
        self.told: dict[str, tuple[str, int, list[str]]] = {}

    @contextmanager
    def attached(self, name: str, attach: Attached) -> Iterator[tuple[int, int]]:
        """A program, alone: (the number of the error, the object)."""
        opened, error = counting.loaded(self._lib, self._path, lambda each: each == name)
        assert not error, os.strerror(error)
        link = attach(counting.programs(self._lib, opened)[name])
        try:
            yield (0 if link else ct.get_errno()), opened
        finally:
            if isinstance(link, int) and link > 1:
                self._lib.bpf_link__destroy(_P(link))
            self._lib.bpf_object__close(_P(opened))

    def count(self, opened: int, name: str) -> int:
        fd, count = self._lib.bpf_object__find_map_fd_by_name(_P(opened), b"hits"), ct.c_uint64()
        self._lib.bpf_map_lookup_elem(fd, ct.byref(ct.c_uint32(counting.elements()[name])), ct.byref(count))
        return count.value

    def tell(
        self,
        place: str,
        name: str,
        attach: Attached,
        do: Callable[[], None],
        kind: HookKind,
        **options: object,
    ) -> None:
        """What preflight says of the place beforehand, and what a program counts there."""
        said = checks.look(Hook("prog", kind, options=options), Host())
        rules = [each.rule for each in said if isinstance(each, Cause)]
        with self.attached(name, attach) as (error, opened):
            for _ in range(_ROUNDS):
                do()
            count = self.count(opened, name)
        became = os.strerror(error) if error else "attached"
        self.told[place] = became, count, rules

    def on_device(self, device: str) -> Attached:
        index = {name: number for number, name in socket.if_nameindex()}.get(device, _NO_DEVICE)
        return lambda program: self._lib.bpf_program__attach_xdp(_P(program), index)

    def as_filter(self, device: str) -> Attached:
        def attach(program: int) -> bool:
            hook = counting.Hook(ct.sizeof(counting.Hook), socket.if_nametoindex(device), counting.INGRESS)
            one = counting.Filter(ct.sizeof(counting.Filter), self._lib.bpf_program__fd(_P(program)))
            self._lib.bpf_tc_hook_create(ct.byref(hook))
            return not self._lib.bpf_tc_attach(ct.byref(hook), ct.byref(one))

        return attach

    def in_group(self, path: str) -> Attached:
        return lambda program: self._lib.bpf_program__attach_cgroup(_P(program), os.open(path, os.O_RDONLY))

    def of_cycles(self, program: int) -> object:
        event = counting.perf_event(type=0, config=0)
        return event >= 0 and self._lib.bpf_program__attach_perf_event(_P(program), event)


def _sent(device: str) -> Callable[[], None]:
    """A frame that comes in at the other end of the pair."""

    def send() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as plain:
            plain.bind((device, 0))
            try:
                plain.send(_FRAME)
            except OSError:
                return  # the device is down

    return send


def _devices(places: Places) -> None:
    for command in _DEVICES:
        subprocess.run(["ip", *command.split()], check=True)
    xdp, tc = HookKind.XDP, HookKind.TC
    for device, sender in (
        ("v0", "v1"), ("d0", "d1"), ("w0", "w1"), ("m0", "m1"), ("m1", "m0"), ("v9", "v1"),
    ):  # fmt: skip
        places.tell(
            f"xdp {device}", "xdp_order", places.on_device(device), _sent(sender), xdp, interface=device
        )
    for device, sender in (("d0", "d1"), ("v0", "v1")):
        places.tell(f"tc {device}", "tc_order", places.as_filter(device), _sent(sender), tc, interface=device)
    with places.attached("xdp_drops", places.on_device("v0")):
        places.tell("xdp second", "xdp_order", places.on_device("v0"), _sent("v1"), xdp, interface="v0")
        places.tell("tc after xdp", "tc_order", places.as_filter("v0"), _sent("v1"), tc, interface="v0")


def _cgroups(places: Places) -> None:
    own = f"/mnt/bpfdoctor-places-{os.getpid()}"
    with open("/proc/self/cgroup") as groups:
        before = groups.read().splitlines()[-1].split(":")[2]

    def tell(place: str, path: str) -> None:
        attach = places.in_group(path)
        places.tell(place, "cgroup_order", attach, counting.packet, HookKind.CGROUP, cgroup=path)

    os.mkdir(own)
    try:
        tell("cgroup empty", own)
        Path(f"{own}/cgroup.procs").write_text(str(os.getpid()))
        tell("cgroup", own)
        tell("cgroup folder", "/usr")
    finally:
        Path(f"/mnt{before}/cgroup.procs").write_text(str(os.getpid()))
        os.rmdir(own)


def main(path: str) -> None:
    counting.seclude()
    places = Places(path)
    _devices(places)
    _cgroups(places)
    places.tell("perf_event cycles", "perf_process", places.of_cycles, lambda: None, HookKind.PERF_EVENT)
    print(json.dumps(places.told))


if __name__ == "__main__":
    main(*sys.argv[1:])
