"""Writes data/: every program of programs/ as kernels log it, at level 1 and at level 2.

    python -m tests.unit.trace.capture_pairs [--kernel 5.10.218,6.1,7.3] [--caps no-perfmon] [NAME…]

Needs clang, libbpf, and the right to load programs; with --kernel no right, but QEMU: the lab's kernels.
Nothing is attached.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.compilers import CLANG, HEADERS

HERE = Path(__file__).parent
FLAGS = ("-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wno-unused-function")
LOG_SIZE = 64 << 20


def compile_program(source: Path, target: Path) -> None:
    subprocess.run([CLANG, *FLAGS, "-I", HEADERS, "-c", str(source), "-o", str(target)], check=True)


def libbpf() -> ctypes.CDLL:
    lib = ctypes.CDLL("libbpf.so.1", use_errno=True)
    for name in ("bpf_object__open_file", "bpf_object__next_program"):
        getattr(lib, name).restype = ctypes.c_void_p
    lib.libbpf_set_print(None)
    return lib


def load(lib: ctypes.CDLL, path: Path, level: int) -> tuple[int, bytes]:
    """0 or a negative errno, and the log."""
    opened = lib.bpf_object__open_file(str(path).encode(), None)
    if not opened:
        raise SystemExit(f"libbpf cannot open {path}")
    pointer = ctypes.c_void_p(opened)
    log = ctypes.create_string_buffer(LOG_SIZE)
    program = lib.bpf_object__next_program(pointer, None)
    while program:
        lib.bpf_program__set_log_level(ctypes.c_void_p(program), level)
        lib.bpf_program__set_log_buf(ctypes.c_void_p(program), log, ctypes.c_size_t(LOG_SIZE))
        program = lib.bpf_object__next_program(pointer, ctypes.c_void_p(program))
    error = lib.bpf_object__load(pointer)
    lib.bpf_object__close(pointer)
    return error, log.value


def on_this_host(objects: dict[str, Path]) -> Iterator[tuple[str, str, int, bytes]]:
    """(kernel, program, level, log)"""
    lib = libbpf()
    kernel = os.uname().release.partition("-")[0]
    for name, path in objects.items():
        for level in (1, 2):
            yield kernel, name, level, load(lib, path, level)[1]


def in_the_lab(
    objects: dict[str, Path], kernels: list[str], capabilities: str
) -> Iterator[tuple[str, str, int, bytes]]:
    """The same, of Debian's kernels in small VMs."""
    from bpfdoctor.lab import kernels as shelf
    from bpfdoctor.lab import pool
    from bpfdoctor.lab.results import Loaded, Request

    requests = [
        Request(path.read_bytes(), name=name, levels=(1, 2), capabilities=capabilities)
        for name, path in objects.items()
    ]
    suffix = "" if capabilities == "full" else f"-{capabilities}"
    for result in pool.run(shelf.resolve(kernels, print), requests, print):
        for entry in result.programs:
            if isinstance(entry, Loaded):
                for level in (1, 2):
                    yield (
                        result.kernel.version + suffix,
                        result.request.name,
                        level,
                        entry.logs.get(level, b""),
                    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="programs; all when none is named")
    parser.add_argument("--kernel", help="kernels of the lab instead of the running one")
    parser.add_argument("--caps", default="full", help="full or no-perfmon, in the lab")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        objects = {}
        for source in sorted((HERE / "programs").glob("*.bpf.c")):
            name = source.name.removesuffix(".bpf.c")
            if not arguments.names or name in arguments.names:
                objects[name] = Path(folder) / f"{name}.o"
                compile_program(source, objects[name])
        captured = (
            in_the_lab(objects, arguments.kernel.split(","), arguments.caps)
            if arguments.kernel
            else on_this_host(objects)
        )
        for kernel, name, level, log in captured:
            if not re.search(rb"^\d+: \(", log, re.MULTILINE):
                continue  # refused before anything was walked: there is no path
            target = HERE / "data" / kernel / f"{name}-l{level}.log"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(log)
            print(f"{target.relative_to(HERE)}: {len(log)} bytes")


if __name__ == "__main__":
    main()
