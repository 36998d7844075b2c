"""Builds the guest's init from our C source, once per source and toolchain."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from bpfdoctor.lab import libbpf, places
from bpfdoctor.lab.shelf import Progress
from bpfdoctor.model.problem import Problem

PACKAGES = "gcc libc6-dev libbpf-dev libelf-dev zlib1g-dev libzstd-dev"
_SOURCES = Path(__file__).parent / "guest"
_WRAPPED = ("syscall", "btf__load_vmlinux_btf", "btf__free")  # guest/verify.c and guest/object.c say why
_FLAGS = ("-std=gnu11", "-O2", "-g0", "-static", "-s")


def guest_init(progress: Progress) -> Path:
    """The static init, built if need be."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise _problem("No C compiler was found, and the lab's guest is built from source.")
    ours, theirs = libbpf.fetched(), libbpf.system(compiler)
    if not ours and not theirs:
        ours = libbpf.fetch(progress)
    failure = ""
    for archive in filter(None, (ours and ours / "libbpf.a", theirs)):
        final = places.lab_dir() / "guest" / _key(compiler, archive)
        if (final / "init").exists():
            return final / "init"
        with places.fresh_folder(final) as work:
            failure = _link(compiler, archive, work / "init")
        if not failure:
            return final / "init"
        shutil.rmtree(final, ignore_errors=True)
    raise _problem(f"The lab's guest could not be built: {failure}.")


def _key(compiler: str, archive: Path) -> str:
    key = hashlib.sha256(repr((_FLAGS, _WRAPPED)).encode())
    for path in (*sorted(_SOURCES.glob("*.[ch]")), archive, *_others(compiler)):
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    return key.hexdigest()[:16]


def _others(compiler: str) -> list[Path]:
    found = []
    for library in ("libelf.a", "libz.a"):
        command = [compiler, f"-print-file-name={library}"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        if not Path(answer).is_absolute():
            raise _problem(f"{library} is not installed, and the lab's guest is linked with it.")
        found.append(Path(answer))
    return found


def _link(compiler: str, archive: Path, out: Path) -> str:
    """ "" when it went well, else the first error."""
    include = archive.parent / "include"
    wraps = "-Wl," + ",".join(f"--wrap={name}" for name in _WRAPPED)
    command = [compiler, *_FLAGS, *(["-I", str(include)] if include.is_dir() else []), "-o", str(out)]
    command += [*map(str, sorted(_SOURCES.glob("*.c"))), wraps, str(archive), "-lelf", "-lz"]
    failure = ""
    for extra in ([], ["-lzstd"]):  # libelf since 0.189 may be built with zstd
        done = subprocess.run(
            [*command, *extra], capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode == 0:
            return ""
        lines = [line for line in done.stderr.splitlines() if "error" in line or "undefined" in line]
        failure = failure or (lines[0] if lines else done.stderr.strip())
    return failure


def _problem(sentence: str) -> Problem:
    return Problem(sentence, f"Install what the guest is built with: sudo apt-get install {PACKAGES}")
