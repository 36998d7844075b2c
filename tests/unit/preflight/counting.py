"""Attaches every program of silent.bpf.c, gives each something to count, and prints what it counted.

Arguments: the object, the program in user space. In namespaces of its own: what it attaches ends with it.
Prints JSON: program -> the error number of its attach call, or how often it counted.
"""

from __future__ import annotations

import ctypes as ct
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading

_P = ct.c_void_p
_INGRESS = 1  # BPF_TC_INGRESS
_NEW_NS, _NEW_NET = 0x20000, 0x40000000


class _Hook(ct.Structure):
    _fields_ = (
        ("size", ct.c_size_t),
        ("ifindex", ct.c_int),
        ("point", ct.c_int),
        ("parent", ct.c_uint32),
        ("_", ct.c_int),
    )


class _Filter(ct.Structure):
    _fields_ = (
        ("size", ct.c_size_t), ("fd", ct.c_int), ("flags", ct.c_uint32), ("id", ct.c_uint32),
        ("handle", ct.c_uint32), ("priority", ct.c_uint32), ("_", ct.c_int),
    )  # fmt: skip


def _library() -> ct.CDLL:
    lib = ct.CDLL("libbpf.so.1", use_errno=True)
    pointers = ("object__open", "object__next_program", "program__attach", "program__attach_xdp",
                "program__attach_cgroup", "program__attach_perf_event", "object__find_map_by_name",
                "map__initial_value")  # fmt: skip
    for name in pointers:
        getattr(lib, f"bpf_{name}").restype = _P
    lib.bpf_program__name.restype = lib.bpf_program__section_name.restype = ct.c_char_p
    lib.libbpf_set_print(None)
    return lib


def _secluded() -> None:
    libc = ct.CDLL(None, use_errno=True)
    ok = libc.unshare(_NEW_NS | _NEW_NET) == 0 and libc.mount(b"none", b"/", None, 0x44000, None) == 0
    ok = ok and libc.mount(b"tracefs", b"/sys/kernel/tracing", b"tracefs", 0, None) == 0
    if not ok or libc.mount(b"cgroup2", b"/mnt", b"cgroup2", 0, None):
        sys.exit(os.strerror(ct.get_errno()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        fcntl.ioctl(plain, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS: up and running


def _programs(lib: ct.CDLL, opened: int) -> dict[str, int]:
    found: dict[str, int] = {}
    each = lib.bpf_object__next_program(_P(opened), None)
    while each:
        found[lib.bpf_program__name(_P(each)).decode()] = each
        each = lib.bpf_object__next_program(_P(opened), _P(each))
    return found


def _clock() -> int:
    """This process's own time, 1,000 times a second (PERF_COUNT_SW_CPU_CLOCK)."""
    attr = bytearray(112)
    struct.pack_into("=IIQQ", attr, 0, 1, len(attr), 0, 1000)
    struct.pack_into("=Q", attr, 40, 1 << 10)  # freq
    number = {"x86_64": 298, "aarch64": 241}[os.uname().machine]
    libc = ct.CDLL(None, use_errno=True)
    return int(libc.syscall(number, (ct.c_char * len(attr)).from_buffer(attr), 0, -1, -1, 0))


def _packet() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.connect(("127.0.0.1", 80))
        plain.send(b"x")


def _work(program: str) -> None:
    """Whatever the programs may count."""
    calls = threading.Thread(target=lambda: [os.getppid() for _ in range(100)])
    calls.start()
    calls.join()
    _packet()
    subprocess.run([program], input="go\n", capture_output=True, text=True, check=True)
    sum(range(1_000_000))  # a few milliseconds, for the clock


def main(path: str, program: str) -> None:
    _secluded()
    lib, group = _library(), f"/mnt/bpfdoctor-{os.getpid()}"
    opened = lib.bpf_object__open(path.encode())
    size = ct.c_size_t()
    constants = lib.bpf_object__find_map_by_name(_P(opened), b"silent.rodata")
    at = lib.bpf_map__initial_value(_P(constants), ct.byref(size))
    ct.cast(at, ct.POINTER(ct.c_uint32))[0] = os.getpid()
    if lib.bpf_object__load(_P(opened)):
        sys.exit("not loaded")
    os.mkdir(group)
    with open("/proc/self/cgroup") as groups:
        before = groups.read().splitlines()[-1].split(":")[2]
    errors, on_device = {}, []
    try:
        folder = os.open(group, os.O_RDONLY)
        hook = _Hook(ct.sizeof(_Hook), socket.if_nametoindex("lo"), _INGRESS)
        lib.bpf_tc_hook_create(ct.byref(hook))
        for name, each in _programs(lib, opened).items():
            link, section = 1, lib.bpf_program__section_name(_P(each)).decode()
            if section == "xdp":
                on_device.append(each)
            elif section == "tc":
                one = _Filter(ct.sizeof(_Filter), lib.bpf_program__fd(_P(each)))
                link = not lib.bpf_tc_attach(ct.byref(hook), ct.byref(one))
            elif section.startswith("cgroup"):
                link = lib.bpf_program__attach_cgroup(_P(each), folder)
            elif section == "perf_event":
                link = lib.bpf_program__attach_perf_event(_P(each), _clock())
            else:
                link = lib.bpf_program__attach(_P(each))
            if not link:
                errors[name] = ct.get_errno()
        with open(f"{group}/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))
        _work(program)
        for each in on_device:  # one at a time
            link = lib.bpf_program__attach_xdp(_P(each), hook.ifindex)
            _packet()
            lib.bpf_link__destroy(_P(link))
    finally:
        with open(f"/mnt{before}/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))
        os.rmdir(group)
    counts, fd = {}, lib.bpf_object__find_map_fd_by_name(_P(opened), b"hits")
    for number, name in enumerate(_programs(lib, opened)):
        key, count = ct.c_uint32(number), ct.c_uint64()
        lib.bpf_map_lookup_elem(fd, ct.byref(key), ct.byref(count))
        counts[name] = count.value
    print(json.dumps({name: [errors.get(name, 0), count] for name, count in counts.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
