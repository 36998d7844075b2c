"""A program or library that a hook names: found as its loader finds it, and opened once."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, cached_property

from bpfdoctor import regular_file
from bpfdoctor.formats import ld_cache, stapsdt
from bpfdoctor.formats.executable import Executable
from bpfdoctor.formats.stapsdt import UsdtPlace
from bpfdoctor.model.problem import Problem
from bpfdoctor.preflight.system.process import Identity, Process

_MOST = 8 << 30  # bytes; programs with debug information have gigabytes
_MOST_READ = 64 << 20  # bytes of one that is read as a whole
_LD_CACHE = "/etc/ld.so.cache"
_DEBUG_FILES = "/usr/lib/debug/.build-id"
# Where libbpf looks for a library that is named without its folder.
_LIBRARY_FOLDERS = ("/usr/lib64", "/usr/lib")


class Binary:
    """A file that is there. `program` is None where it is no program or library of 64 bits."""

    def __init__(self, path: str) -> None:
        """Raises OSError, or Problem where it is no file."""
        self.path = path
        self._descriptor = regular_file.opened(path, _MOST)
        weakref.finalize(self, os.close, self._descriptor)
        about = os.fstat(self._descriptor)
        self.identity: Identity = (about.st_dev, about.st_ino)
        self.size = about.st_size
        self.program = Executable.read(self._part)

    def _part(self, offset: int, size: int) -> bytes:
        with suppress(OSError, OverflowError):
            return os.pread(self._descriptor, size, offset)
        return b""

    @cached_property
    def script(self) -> str:
        """The program that runs this file, where it is a script; "" where it is none."""
        head = self._part(0, 256)
        line = head[2:].split(b"\n")[0].decode("utf-8", "replace").split() if head[:2] == b"#!" else []
        return line[0] if line else ""

    @cached_property
    def usdt(self) -> tuple[UsdtPlace, ...]:
        return tuple(stapsdt.places(self.program)) if self.program else ()

    def inlined_calls(self, function: str) -> int | None:
        """How many calls of a function the compiler has put into their callers; None where nothing tells."""
        from bpfdoctor.formats import inlined  # most files have no DWARF

        has_debug = self.program is not None and self.program.section_address(".debug_info") is not None
        small = has_debug and self.size <= _MOST_READ
        return inlined.calls(self._part(0, self.size), function) if small else None

    @property
    def build_id(self) -> str:
        return self.program.build_id if self.program else ""

    @cached_property
    def debug_file(self) -> Binary | None:
        """Its symbols, where they are installed apart: BCC looks there, too."""
        id = self.build_id
        return opened(f"{_DEBUG_FILES}/{id[:2]}/{id[2:]}.debug") if id else None


@cache
def opened(path: str) -> Binary | None:
    """None where there is no such file, or it may not be read."""
    try:
        return Binary(path)
    except (OSError, Problem, ValueError):
        return None


def for_bcc(name: str, process: Process | None) -> str | None:
    """The file that BCC takes for a name: a path as it is, `c` for the process's or the linker's libc."""
    if "/" in name:
        return process.path_here(name) if process is not None and not name.startswith("/proc") else name
    if process is not None:
        starts = (f"/lib{name}.", f"/lib{name}-")
        for mapping in process.mappings or ():
            if any(start in mapping.path for start in starts):
                return process.path_here(mapping.path)
    return next((path for key, path in _libraries() if key.startswith(f"lib{name}.so")), None)


def for_libbpf(name: str) -> str | None:
    """The file that libbpf takes for a name: a path as it is, else one in the folders that it looks into."""
    if "/" in name:
        return name
    is_library = ".so" in name
    folders = list(_library_folders()) if is_library else os.environ.get("PATH", "").split(":")
    fitting = os.R_OK if is_library else os.R_OK | os.X_OK
    paths = (f"{folder}/{name}" for folder in folders if folder)
    return next((path for path in paths if os.access(path, fitting)), None)


def _library_folders() -> Iterator[str]:
    yield from os.environ.get("LD_LIBRARY_PATH", "").split(":")
    yield from _LIBRARY_FOLDERS
    yield f"/usr/lib/{os.uname().machine}-linux-gnu"


@cache
def _libraries() -> tuple[tuple[str, str], ...]:
    with suppress(OSError, Problem):
        return tuple(ld_cache.entries(regular_file.read(_LD_CACHE, 16 << 20)))
    return ()
