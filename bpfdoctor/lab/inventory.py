"""What `bpfdoctor kernels` shows and does: plain values, without printing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor.lab import kernel_index, kernels, paths, pool
from bpfdoctor.lab.kernel_index import Progress
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.model.problem import Problem


@dataclass(frozen=True, slots=True)
class KernelEntry:
    """One line of the list: a kernel that is here, or one that could be fetched (`kernel` is None)."""

    name: str  # what to give to --kernel
    kernel: LabKernel | None
    origin: str
    disk: int  # bytes, with its snapshot
    warm: bool  # it has been booted once, so a check takes a fraction of a second
    note: str | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one kernel that was asked for."""

    kernel: LabKernel
    seconds: float
    problem: Problem | None = None  # it is here, but does not boot


def entries() -> list[KernelEntry]:
    """Every kernel that is here, then what else could be fetched, each oldest first."""
    here = [_here(kernel) for kernel in kernels.installed()]
    found = [entry.kernel for entry in here if entry.kernel]
    missing = [
        KernelEntry(known.name, None, f"Debian {known.suites[0]}", 0, False, known.note)
        for known in kernel_index.known()
        if not any(kernels.is_prefix(known.name, kernel.version) for kernel in found)
    ]
    return here + missing


def get(words: Sequence[str], progress: Progress, *, refresh: bool = False) -> list[Fetched]:
    """Fetches and boots the kernels that are named ("all": those that every user should try).

    Raises Problem when one can't be fetched; one that does not boot is told of in its entry.
    """
    started = time.monotonic()
    names = (
        [known.name for known in kernel_index.known() if known.default] if list(words) == ["all"] else words
    )
    wanted: dict[str, LabKernel] = {}
    for word in names:
        if "/" in word or Path(word).is_file():
            kernel = kernels.from_path(Path(word))
        else:
            found = None if refresh else kernels.find(word)
            if found and not kernels.is_whole(found):
                progress(f"{found.version}: its image is damaged, fetching it again")
                kernels.remove(found.name)
                found = None
            kernel = found or kernels.get(word, progress, refresh=refresh)
        wanted[kernel.name] = kernel
    with pool.Lab(progress) as lab:
        booted = lab.prepare(list(wanted.values()))
    seconds = time.monotonic() - started
    return [
        Fetched(kernel, seconds, told) if isinstance(told, Problem) else Fetched(told, seconds)
        for kernel, told in zip(wanted.values(), booted, strict=True)
    ]


def remove(words: Sequence[str]) -> list[tuple[LabKernel, int]]:
    """Removes the kernels that are named; each with the bytes that it took."""
    gone: dict[str, tuple[LabKernel, int]] = {}
    sizes = {entry.kernel.name: entry.disk for entry in map(_here, kernels.installed()) if entry.kernel}
    for word in words:
        for kernel in kernels.remove(word):
            gone[kernel.name] = kernel, sizes.get(kernel.name, 0)
    return list(gone.values())


def _here(kernel: LabKernel) -> KernelEntry:
    snapshots = list((paths.lab_dir() / "snapshots").glob(f"{kernel.name}@*"))
    disk = sum(_blocks(path) for folder in (kernel.folder, *snapshots) for path in folder.glob("*"))
    return KernelEntry(kernel.version, kernel, kernel.origin, disk, bool(snapshots), kernel.note)


def _blocks(path: Path) -> int:
    """Bytes on disk: a snapshot's memory is usually holes."""
    try:
        return path.stat().st_blocks * 512
    except OSError:
        return 0
