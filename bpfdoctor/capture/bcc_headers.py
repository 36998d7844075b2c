"""Finds the kernel headers that BCC compiles against; merges Debian's split ones with links."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bpfdoctor import resources
from bpfdoctor.capture.packages import install
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass

_PROOF = ("include/linux/kconfig.h", "include/generated/autoconf.h")


@dataclass(frozen=True, slots=True)
class Headers:
    """`folder` is for BCC_KERNEL_SOURCE, None where BCC finds the headers itself."""

    folder: Path | None
    note: str | None = None


def find(env: Mapping[str, str], scratch: str) -> Headers:
    """The headers to use: $BCC_KERNEL_SOURCE, else the running kernel's, else the nearest that are installed.

    Merged headers are kept in the cache; without one they go into `scratch`. Problem when there are none.
    """
    release = os.uname().release
    asked = env.get("BCC_KERNEL_SOURCE")
    if asked:
        if not os.path.isdir(asked):
            sentence = f"BCC_KERNEL_SOURCE names {asked}, which is not a directory."
            raise Problem(sentence, "Unset or correct it.")
        return Headers(None)
    if not missing(env):
        return Headers(None)
    installed = sorted(_installed(), key=lambda found: _nearness(found[0], release))
    for version, parts in installed:
        folder = parts[0] if _complete(parts[0]) else _merged(version, parts, scratch)
        if folder:
            note = None
            if version != release:
                note = (
                    f"Compiled with the kernel headers of {version}: those of the running kernel ({release}) "
                    "are not installed. Structures may differ between the two."
                )
            return Headers(folder, note)
    raise Problem(
        f"BCC needs the kernel's headers, and none are installed (the running kernel is {release}; "
        f"{missing(env)}).",
        install("kernel headers"),
        "Or name a directory that has them: BCC_KERNEL_SOURCE=/path.",
    )


def missing(env: Mapping[str, str], modules: str = "/lib/modules") -> str:
    """What is where BCC looks for the running kernel's headers, in words; "" where they are.

    BCC takes $BCC_KERNEL_SOURCE, build and source below /lib/modules, then what the kernel itself brings.
    """
    if env.get("BCC_KERNEL_SOURCE") or os.path.exists("/sys/kernel/kheaders.tar.xz"):
        return ""
    link = f"{modules}/{os.uname().release}/build"
    if os.path.isdir(link):
        return ""
    if os.path.islink(link):
        return f"{link} leads to {os.readlink(link)}, which is not there"
    return f"there is no {link}"


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _PROOF)


def _installed() -> list[tuple[str, list[Path]]]:
    """(version, folders) of each headers package: one folder, or Debian's generated and common parts."""
    found: list[tuple[str, list[Path]]] = []
    for pattern in ("/usr/src/linux-headers-*", "/usr/src/kernels/*", "/lib/modules/*/build"):
        for folder in Path("/").glob(pattern[1:]):
            name = folder.parent.name if folder.name == "build" else folder.name
            version = name.removeprefix("linux-headers-")
            if not version[:1].isdigit() or not (folder / _PROOF[1]).is_file():
                continue
            parts = [folder]
            common = re.sub(r"-(?:rt-|cloud-)?[a-z0-9]+$", "-common", folder.resolve().name)
            for other in (common, common + "-rt", folder.resolve().name.rsplit("-", 1)[0]):
                beside = folder.resolve().parent / other
                if beside != folder.resolve() and (beside / _PROOF[0]).is_file():
                    parts.append(beside)
                    break
            if _complete(folder) or len(parts) == 2:
                found.append((version, parts))
    return found


def _nearness(version: str, release: str) -> tuple[bool, bool, int]:
    """Sorts versions: the running kernel's, then the newest older one, then the oldest newer one."""
    here, there = _number(release), _number(version)
    return version != release, there > here, abs(here - there)


def _number(version: str) -> int:
    parts = numbers(version)[:3]
    return sum(part << shift for part, shift in zip(parts, (40, 20, 0), strict=False))


def _merged(version: str, parts: list[Path], scratch: str) -> Path | None:
    """One directory that shows all parts, made of links; another process waits for it."""
    base = (resources.cache_dir() or Path(scratch)) / "headers"
    folder = base / version
    if _complete(folder):
        return folder
    unfinished = base / f"{version}.{os.getpid()}"
    try:
        base.mkdir(mode=0o700, exist_ok=True)
        with _alone(base):
            if _complete(folder):
                return folder
            unfinished.mkdir(mode=0o700)
            _link(parts, unfinished)
            if folder.is_symlink() or folder.exists():  # links into a package that was removed since
                stale = base / f"{version}.{os.getpid()}.stale"
                folder.rename(stale)
                _remove(stale)
            unfinished.rename(folder)
    except OSError:
        if unfinished.is_dir():
            _remove(unfinished)
    return folder if _complete(folder) else None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process is in here with the same folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _link(parts: list[Path], target: Path) -> None:
    """Fill `target` with links to what is in `parts`; a folder that several have is filled the same way."""
    names = sorted({entry.name for part in parts for entry in part.iterdir()})
    for name in names:
        having = [part / name for part in parts if (part / name).exists()]
        folders = [path for path in having if path.is_dir()]
        if len(folders) > 1:
            (target / name).mkdir()
            _link(folders, target / name)
        elif having:
            (target / name).symlink_to(having[0])


def _remove(folder: Path) -> None:
    """Remove a merged directory: links and folders, nothing after the links."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            _remove(entry)
        else:
            entry.unlink()
    folder.rmdir()
