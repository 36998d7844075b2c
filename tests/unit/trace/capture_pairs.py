"""Writes data/: every program of programs/ as the running kernel logs it, at level 1 and at level 2.

    python tests/unit/trace/capture_pairs.py [NAME…]

Needs clang, libbpf, and the right to load programs. Nothing is attached.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ("-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wno-unused-function")
INCLUDES = "/usr/include/x86_64-linux-gnu"
CLANG = ("clang", "clang-19", "clang-14")
LOG_SIZE = 64 << 20


def compile_program(source: Path, target: Path) -> None:
    for clang in CLANG:
        try:
            command = [clang, *FLAGS, "-I", INCLUDES, "-c", str(source), "-o", str(target)]
            subprocess.run(command, check=True)
            return
        except FileNotFoundError:
            continue
    raise SystemExit("no clang")


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


def main() -> None:
    wanted = set(sys.argv[1:])
    lib = libbpf()
    for source in sorted((HERE / "programs").glob("*.bpf.c")):
        name = source.name.removesuffix(".bpf.c")
        if wanted and name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / f"{name}.o"
            compile_program(source, target)
            for level in (1, 2):
                error, log = load(lib, target, level)
                (HERE / "data" / f"{name}-l{level}.log").write_bytes(log)
                print(f"{name:12} level {level}: {error:4} {len(log):8} bytes  {log.splitlines()[-2][:90]!r}")


if __name__ == "__main__":
    main()
