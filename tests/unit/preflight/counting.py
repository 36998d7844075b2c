"""Attaches every program of silent.bpf.c, gives each something to count, and prints what it counted.

Arguments: the object, the program in user space. In namespaces of its own: what it attaches ends with it.
Prints JSON: program -> [error number of its load, of its attach call, how often it counted].
"""

from __future__ import annotations

import ctypes as ct
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_P = ct.c_void_p
_SOURCE = Path(__file__).with_name("silent.bpf.c")
INGRESS = 1  # BPF_TC_INGRESS
_ATTACH_BPF = 50  # SO_ATTACH_BPF
_SERVER = 7001
_NOT_LOADED = ("typed_misspelt", "iter_misspelt")  # one that fails takes its whole object with it
_NEW_NS, _NEW_NET = 0x20000, 0x40000000


class Hook(ct.Structure):
    _fields_ = (
        ("size", ct.c_size_t),
        ("ifindex", ct.c_int),
        ("point", ct.c_int),
        ("parent", ct.c_uint32),
        ("_", ct.c_int),
    )


class Filter(ct.Structure):
    _fields_ = (
        ("size", ct.c_size_t), ("fd", ct.c_int), ("flags", ct.c_uint32), ("id", ct.c_uint32),
        ("handle", ct.c_uint32), ("priority", ct.c_uint32), ("_", ct.c_int),
    )  # fmt: skip


def library() -> ct.CDLL:
    lib = ct.CDLL("libbpf.so.1", use_errno=True)
    pointers = ("object__open", "object__next_program", "program__attach", "program__attach_xdp",
                "program__attach_cgroup", "program__attach_perf_event", "program__attach_netns",
                "object__find_map_by_name", "map__initial_value")  # fmt: skip
    for name in pointers:
        getattr(lib, f"bpf_{name}").restype = _P
    lib.bpf_program__name.restype = lib.bpf_program__section_name.restype = ct.c_char_p
    lib.libbpf_set_print(None)
    return lib


def seclude() -> None:
    libc = ct.CDLL(None, use_errno=True)
    ok = libc.unshare(_NEW_NS | _NEW_NET) == 0 and libc.mount(b"none", b"/", None, 0x44000, None) == 0
    ok = ok and libc.mount(b"tracefs", b"/sys/kernel/tracing", b"tracefs", 0, None) == 0
    if not ok or libc.mount(b"cgroup2", b"/mnt", b"cgroup2", 0, None):
        sys.exit(os.strerror(ct.get_errno()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        fcntl.ioctl(plain, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS: up and running


def programs(lib: ct.CDLL, opened: int) -> dict[str, int]:
    found: dict[str, int] = {}
    each = lib.bpf_object__next_program(_P(opened), None)
    while each:
        found[lib.bpf_program__name(_P(each)).decode()] = each
        each = lib.bpf_object__next_program(_P(opened), _P(each))
    return found


def perf_event(type: int = 1, config: int = 0) -> int:
    """Of this process, 1,000 times a second; without arguments of its own time (PERF_COUNT_SW_CPU_CLOCK)."""
    attr = bytearray(112)
    struct.pack_into("=IIQQ", attr, 0, type, len(attr), config, 1000)
    struct.pack_into("=Q", attr, 40, 1 << 10)  # freq
    number = {"x86_64": 298, "aarch64": 241}[os.uname().machine]
    libc = ct.CDLL(None, use_errno=True)
    return int(libc.syscall(number, (ct.c_char * len(attr)).from_buffer(attr), 0, -1, -1, 0))


def packet() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.connect(("127.0.0.1", 80))
        plain.send(b"x")


def _connection() -> None:
    address = ("127.0.0.1", _SERVER)
    with socket.create_server(address) as server, socket.create_connection(address):
        server.accept()[0].close()


def _on_socket(program: int) -> socket.socket | None:
    """A socket that sees every packet, with the program as its filter; None where that is refused."""
    plain = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))  # ETH_P_ALL
    try:
        plain.setsockopt(socket.SOL_SOCKET, _ATTACH_BPF, struct.pack("i", program))
    except OSError as error:
        ct.set_errno(error.errno or 0)
        return None
    return plain


def _read(lib: ct.CDLL, link: int) -> None:
    """What an iterator says, once."""
    with os.fdopen(lib.bpf_iter_create(lib.bpf_link__fd(_P(link))), "rb") as text:
        text.read()


def _work(program: str) -> None:
    """Whatever the programs may count."""
    calls = threading.Thread(target=lambda: [os.getppid() for _ in range(100)])
    calls.start()
    calls.join()
    with suppress(FileNotFoundError):
        os.open("/no/such/file", os.O_RDONLY)
    with suppress(FileNotFoundError):
        os.unlink("/no/such/file")
    packet()
    _connection()
    subprocess.run([program], input="go\n", capture_output=True, text=True, check=True)
    sum(range(1_000_000))  # a few milliseconds, for the clock


class _Places:
    """Where programs are attached that libbpf does not attach by itself, and what is kept meanwhile."""

    def __init__(self, lib: ct.CDLL, group: str) -> None:
        self._lib = lib
        self._group = os.open(group, os.O_RDONLY)
        self._network = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.hook = Hook(ct.sizeof(Hook), socket.if_nametoindex("lo"), INGRESS)
        lib.bpf_tc_hook_create(ct.byref(self.hook))
        self.on_device: list[int] = []  # XDP: one at a time, afterwards
        self.iterators: list[int] = []
        self._sockets: list[socket.socket | None] = []

    def attach(self, program: int, section: str) -> object:
        """What is false where the kernel refuses it, or libbpf."""
        given, kind = _P(program), section.partition("/")[0]
        match kind:
            case "xdp":
                self.on_device.append(program)
                return True
            case "tc":
                one = Filter(ct.sizeof(Filter), self._lib.bpf_program__fd(given))
                return not self._lib.bpf_tc_attach(ct.byref(self.hook), ct.byref(one))
            case "cgroup" | "cgroup_skb" | "sockops":
                return self._lib.bpf_program__attach_cgroup(given, self._group)
            case "sk_lookup":
                return self._lib.bpf_program__attach_netns(given, self._network)
            case "socket":
                self._sockets.append(_on_socket(self._lib.bpf_program__fd(given)))
                return self._sockets[-1]
            case "perf_event":
                return self._lib.bpf_program__attach_perf_event(given, perf_event())
        link = self._lib.bpf_program__attach(given)
        if link and kind == "iter":
            self.iterators.append(link)
        return link


def loaded(lib: ct.CDLL, path: str, wanted: Callable[[str], bool]) -> tuple[int, int]:
    """An object with some of its programs, and the number of the error."""
    opened = lib.bpf_object__open(path.encode())
    for name, each in programs(lib, opened).items():
        lib.bpf_program__set_autoload(_P(each), ct.c_bool(wanted(name)))
    size = ct.c_size_t()
    constants = lib.bpf_object__find_map_by_name(_P(opened), b"silent.rodata")
    at = lib.bpf_map__initial_value(_P(constants), ct.byref(size))
    ct.cast(at, ct.POINTER(ct.c_uint32))[0] = os.getpid()
    return opened, -lib.bpf_object__load(_P(opened))


def elements() -> dict[str, int]:
    """Program -> the element of the map in which it counts, as its text says."""
    found = re.findall(
        r"^int (?:BPF_\w+\()?(\w+).*?\bhit\((\d+)\)", _SOURCE.read_text(), re.MULTILINE | re.DOTALL
    )
    return {name: int(number) for name, number in found}


def main(path: str, program: str) -> None:
    seclude()
    lib, group = library(), f"/mnt/bpfdoctor-{os.getpid()}"
    became = {name: [loaded(lib, path, name.__eq__)[1], 0, 0] for name in _NOT_LOADED}
    opened, error = loaded(lib, path, lambda name: name not in _NOT_LOADED)
    if error:
        sys.exit(os.strerror(error))
    os.mkdir(group)
    with open("/proc/self/cgroup") as groups:
        before = groups.read().splitlines()[-1].split(":")[2]
    try:
        places = _Places(lib, group)
        for name, each in programs(lib, opened).items():
            if name not in _NOT_LOADED:
                link = places.attach(each, lib.bpf_program__section_name(_P(each)).decode())
                became[name] = [0, 0 if link else ct.get_errno(), 0]
        with open(f"{group}/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))
        _work(program)
        for link in places.iterators:
            _read(lib, link)
        for each in places.on_device:
            link = lib.bpf_program__attach_xdp(_P(each), places.hook.ifindex)
            packet()
            lib.bpf_link__destroy(_P(link))
    finally:
        with open(f"/mnt{before}/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))
        os.rmdir(group)
    fd, count = lib.bpf_object__find_map_fd_by_name(_P(opened), b"hits"), ct.c_uint64()
    for name, number in elements().items():
        lib.bpf_map_lookup_elem(fd, ct.byref(ct.c_uint32(number)), ct.byref(count))
        became[name][2] = count.value
    print(json.dumps(became))


if __name__ == "__main__":
    main(*sys.argv[1:])
