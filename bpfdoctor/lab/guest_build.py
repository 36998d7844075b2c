"""Builds the guest's init from our C source, once per source and toolchain."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from bpfdoctor.lab import places
from bpfdoctor.model.problem import Problem

PACKAGES = "gcc libc6-dev libbpf-dev libelf-dev zlib1g-dev libzstd-dev"
_SOURCES = Path(__file__).parent / "guest"
_WRAPPED = ("syscall", "btf__load_vmlinux_btf", "btf__free")  # guest/verify.c and guest/object.c say why
_FLAGS = ("-std=gnu11", "-O2", "-g0", "-static", "-s")
_LIBRARIES = ("-lbpf", "-lelf", "-lz")


def guest_init() -> Path:
    """The static init, built if need be."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise _problem("no C compiler was found, and the lab's guest is built from source")
    sources = sorted(_SOURCES.glob("*.c"))
    key = hashlib.sha256(repr((_FLAGS, _WRAPPED, _LIBRARIES)).encode())
    for path in [*sources, *sorted(_SOURCES.glob("*.h")), *_static_libraries(compiler)]:
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    final = places.lab_dir() / "guest" / key.hexdigest()[:16]
    if not (final / "init").exists():
        with places.fresh_folder(final) as work:
            _link(compiler, sources, work / "init")
    return final / "init"


def _static_libraries(compiler: str) -> list[Path]:
    found = []
    for library in ("libbpf.a", "libelf.a", "libz.a"):
        command = [compiler, f"-print-file-name={library}"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        if not Path(answer).is_absolute():
            raise _problem(f"{library} is not installed, and the lab's guest is linked with it")
        found.append(Path(answer))
    return found


def _link(compiler: str, sources: list[Path], out: Path) -> None:
    wraps = "-Wl," + ",".join(f"--wrap={name}" for name in _WRAPPED)
    command = [compiler, *_FLAGS, "-o", str(out), *map(str, sources), wraps, *_LIBRARIES]
    errors = []
    for extra in ([], ["-lzstd"]):  # libelf since 0.189 may be built with zstd
        done = subprocess.run([*command, *extra], capture_output=True, text=True, errors="replace", check=False)
        if done.returncode == 0:
            return
        errors.append(done.stderr)
    lines = [line for line in errors[0].splitlines() if "error" in line or "undefined" in line]
    raise _problem(f"the lab's guest could not be built: {lines[0] if lines else errors[0].strip()}")


def _problem(sentence: str) -> Problem:
    return Problem(sentence, f"install what the guest is built with: sudo apt-get install {PACKAGES}")
