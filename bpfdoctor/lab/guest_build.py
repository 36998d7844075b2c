"""Builds the guest's init from our C sources on demand, once per source and toolchain."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from bpfdoctor import processes
from bpfdoctor.lab import libbpf, paths
from bpfdoctor.lab.kernel_index import Progress
from bpfdoctor.model.problem import Problem

PACKAGES = "gcc libc6-dev libbpf-dev libelf-dev zlib1g-dev libzstd-dev"
_GUEST = Path(__file__).parent / "guest"
_WRAPPED = ("syscall", "btf__load_vmlinux_btf", "btf__free")  # guest/verify.c and guest/object.c say why
_GUEST_FLAGS = (
    "-std=gnu11",
    "-O2",
    "-g0",
    "-static",
    "-s",
    "-Wl," + ",".join(f"--wrap={n}" for n in _WRAPPED),
)


def guest_init(progress: Progress) -> Path:
    """The static init, built if need be."""
    compiler = _compiler()
    ours, theirs = libbpf.fetched(), libbpf.system(compiler)
    if not ours and not theirs:
        ours = libbpf.fetch(progress)
    failure = ""
    for archive in filter(None, (ours and ours / "libbpf.a", theirs)):
        libraries = [archive, _static(compiler, "libelf.a"), _static(compiler, "libz.a")]
        built, failure = _built("init", _GUEST, libraries, _guest_commands(compiler, archive))
        if built:
            return built
    raise _problem(f"The lab's guest could not be built: {failure}.")


def _guest_commands(compiler: str, archive: Path) -> list[list[str]]:
    include = archive.parent / "include"
    flags = [*_GUEST_FLAGS, *(["-I", str(include)] if include.is_dir() else [])]
    command = [compiler, *flags, "-o", "{out}", *_sources(_GUEST), str(archive), "-lelf", "-lz"]
    return [command, [*command, "-lzstd"]]  # libelf since 0.189 may be built with zstd


def _sources(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.glob("*.c"))]


def _built(
    name: str, folder: Path, libraries: Iterable[Path], commands: list[list[str]]
) -> tuple[Path | None, str]:
    """What the first command that works makes, from the cache if it is there; else why the first failed."""
    key = hashlib.sha256(repr([part for part in commands[0] if not part.startswith("/")]).encode())
    for path in (*sorted(folder.glob("*.[ch]")), *libraries):
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    final = paths.lab_dir() / "built" / key.hexdigest()[:16]
    if (final / name).exists():
        return final / name, ""
    failure = ""
    with paths.fresh_folder(final, keep=lambda work: (work / name).exists()) as work:
        for command in commands:
            filled = [part.replace("{out}", str(work / name)) for part in command]
            done = processes.run(filled)
            if done.returncode == 0:
                failure = ""
                break
            lines = [line for line in done.stderr.splitlines() if "error" in line or "undefined" in line]
            failure = failure or (lines[0] if lines else done.stderr.strip())
    return (None, failure) if failure else (final / name, "")


def _compiler() -> str:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise _problem("No C compiler was found, and the lab's guest is built from source.")
    return compiler


def _static(compiler: str, library: str) -> Path:
    command = [compiler, f"-print-file-name={library}"]
    answer = processes.run(command).stdout.strip()
    if not Path(answer).is_absolute():
        raise _problem(f"{library} is not installed, and the lab's guest is linked with it.")
    return Path(answer)


def _problem(sentence: str) -> Problem:
    return Problem(sentence, f"Install what it is built with: sudo apt-get install {PACKAGES}")
