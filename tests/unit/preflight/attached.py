"""Attaches programs of an object in a process of their own, which takes them with it when it ends."""

from __future__ import annotations

import ctypes as ct
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_LIBRARY = "libbpf.so.1"


def attached(object_file: Path, programs: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Program -> (error number of its attach call, how often it ran), each alone, while this process makes
    system calls. The programs count in the first element of the map `hits`.
    """
    command = [sys.executable, __file__, str(object_file), *programs]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    return {name: (error, hits) for name, error, hits in json.loads(done.stdout)}


def _one(library: ct.CDLL, path: str, wanted: str) -> tuple[int, int]:
    opened = library.bpf_object__open(path.encode())
    program, each = None, library.bpf_object__next_program(ct.c_void_p(opened), None)
    while each:
        is_wanted = library.bpf_program__name(ct.c_void_p(each)) == wanted.encode()
        library.bpf_program__set_autoload(ct.c_void_p(each), ct.c_bool(is_wanted))
        program = each if is_wanted else program
        each = library.bpf_object__next_program(ct.c_void_p(opened), ct.c_void_p(each))
    if library.bpf_object__load(ct.c_void_p(opened)):
        raise OSError(f"{wanted} does not load")
    link = library.bpf_program__attach(ct.c_void_p(program))
    if not link:
        return ct.get_errno(), 0
    for _ in range(100):
        os.getppid()
        os.sched_yield()
    hits, key = ct.c_uint64(), ct.c_uint32()
    fd = library.bpf_object__find_map_fd_by_name(ct.c_void_p(opened), b"hits")
    library.bpf_map_lookup_elem(fd, ct.byref(key), ct.byref(hits))
    library.bpf_link__destroy(ct.c_void_p(link))
    library.bpf_object__close(ct.c_void_p(opened))
    return 0, hits.value


def _mount_tracefs() -> None:
    """For this process alone: libbpf looks for tracepoints there."""
    libc = ct.CDLL(None, use_errno=True)
    libc.unshare(0x20000)  # CLONE_NEWNS
    libc.mount(b"none", b"/", None, 0x44000, None)  # MS_REC | MS_PRIVATE
    libc.mount(b"tracefs", b"/sys/kernel/tracing", b"tracefs", 0, None)


def _main(path: str, programs: list[str]) -> None:
    _mount_tracefs()
    library = ct.CDLL(_LIBRARY, use_errno=True)
    for name in ("open", "next_program"):
        getattr(library, f"bpf_object__{name}").restype = ct.c_void_p
    library.bpf_program__attach.restype = ct.c_void_p
    library.bpf_program__name.restype = ct.c_char_p
    library.libbpf_set_print(None)
    print(json.dumps([(name, *_one(library, path, name)) for name in programs]))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])
