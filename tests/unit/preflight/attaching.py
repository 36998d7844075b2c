"""Loads one program of an object and attaches it, in a process of its own that says "ready" and then waits.

Arguments: the object, the program, and how: tracepoint CATEGORY NAME, raw_tp NAME, xdp DEVICE, cgroup, perf,
none. It ends when its standard input does, and everything ends with it.
"""

from __future__ import annotations

import ctypes as ct
import os
import select
import socket
import struct
import sys

_P = ct.c_void_p


def _libbpf() -> ct.CDLL:
    lib = ct.CDLL("libbpf.so.1", use_errno=True)
    lib.bpf_object__open_file.restype, lib.bpf_object__open_file.argtypes = _P, [ct.c_char_p, _P]
    lib.bpf_object__load.argtypes = [_P]
    lib.bpf_object__find_program_by_name.restype = _P
    lib.bpf_object__find_program_by_name.argtypes = [_P, ct.c_char_p]
    lib.bpf_program__set_autoload.argtypes = [_P, ct.c_bool]
    lib.bpf_object__next_program.restype, lib.bpf_object__next_program.argtypes = _P, [_P, _P]
    for name, arguments in (
        ("raw_tracepoint", [_P, ct.c_char_p]),
        ("tracepoint", [_P, ct.c_char_p, ct.c_char_p]),
        ("xdp", [_P, ct.c_int]),
        ("cgroup", [_P, ct.c_int]),
        ("perf_event", [_P, ct.c_int]),
    ):
        attach = getattr(lib, f"bpf_program__attach_{name}")
        attach.restype, attach.argtypes = _P, arguments
    return lib


def _software_clock() -> int:
    """A perf event that counts this process's time, 100 times a second (PERF_COUNT_SW_CPU_CLOCK)."""
    attr = bytearray(112)
    struct.pack_into("=IIQQ", attr, 0, 1, len(attr), 0, 100)
    struct.pack_into("=Q", attr, 40, 1 << 10)  # freq
    libc = ct.CDLL(None, use_errno=True)
    number = {"x86_64": 298, "aarch64": 241}[os.uname().machine]
    return int(libc.syscall(number, (ct.c_char * len(attr)).from_buffer(attr), 0, -1, -1, 0))


def _mounted(kind: str, where: str) -> None:
    """A file system that is mounted for this process alone."""
    libc = ct.CDLL(None, use_errno=True)
    private = libc.unshare(0x20000) or libc.mount(b"none", b"/", None, 0x44000, None)  # MS_REC | MS_PRIVATE
    if private or libc.mount(kind.encode(), where.encode(), kind.encode(), 0, None):
        sys.exit(f"{kind}: {os.strerror(ct.get_errno())}")


def _own_cgroup() -> str:
    return f"/mnt/bpfdoctor-{os.getpid()}"


def main(path: str, name: str, how: str, *target: str) -> None:
    lib = _libbpf()
    if how == "tracepoint":
        _mounted("tracefs", "/sys/kernel/tracing")  # libbpf looks the event's number up there
    if how == "cgroup":
        _mounted("cgroup2", "/mnt")
        os.mkdir(_own_cgroup())
    opened = lib.bpf_object__open_file(path.encode(), None)
    program = None
    while (program := lib.bpf_object__next_program(opened, program)) is not None:
        lib.bpf_program__set_autoload(program, False)
    wanted = lib.bpf_object__find_program_by_name(opened, name.encode())
    lib.bpf_program__set_autoload(wanted, True)
    if lib.bpf_object__load(opened):
        sys.exit("not loaded")
    link: object = 1
    match how:
        case "tracepoint":
            link = lib.bpf_program__attach_tracepoint(wanted, target[0].encode(), target[1].encode())
        case "raw_tp":
            link = lib.bpf_program__attach_raw_tracepoint(wanted, target[0].encode())
        case "xdp":
            link = lib.bpf_program__attach_xdp(wanted, socket.if_nametoindex(target[0]))
        case "cgroup":
            link = lib.bpf_program__attach_cgroup(wanted, os.open(_own_cgroup(), os.O_RDONLY))
        case "perf":
            link = lib.bpf_program__attach_perf_event(wanted, _software_clock())
    if not link:
        sys.exit(f"not attached: {os.strerror(ct.get_errno())}")
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0 if how == "perf" else None)[0]:
        pass
    if how == "cgroup":
        os.rmdir(_own_cgroup())


main(*sys.argv[1:])
