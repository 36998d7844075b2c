"""Sees what a compiler reads that has no end: a header that is a device, or a FIFO nobody writes into."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice

from bpfdoctor import regular_file
from bpfdoctor.model.problem import Problem

_OPENAT = {"x86_64": "257", "aarch64": "56", "riscv64": "56"}  # its number, by `uname -m`
_LONGEST_PATH = 4096
_MOST_NAMES = 10_000  # of a folder, to find the header's own name


LOOK_SECONDS = 0.1  # between two looks at what a compiler reads


def refuse(pid: int, path: str, folders: Sequence[str]) -> None:
    """Raises Problem where the process that compiles `path` reads what never ends."""
    if found := read_by(pid, folders):
        raise Problem(
            f"clang was stopped on {path}: it read {found}, which has no end.",
            "Headers are regular files: look what this one is.",
        )


def read_by(pid: int, folders: Sequence[str]) -> str | None:
    """What a process reads that never ends, in words; None when that is not so.

    `folders` are where headers are: there the device has the name by which the program includes it.
    """
    found = None
    with suppress(OSError, ValueError):
        found = _open_device(pid) or _awaited_fifo(pid)
    if not found:
        return None
    kind = regular_file.kind_of(os.stat(found).st_mode)
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in islice(entries, _MOST_NAMES):
                if entry.is_symlink() and os.path.realpath(entry.path) == os.path.realpath(found):
                    return f"{entry.path}, a link to {found}, {kind}"
    return f"{found}, {kind}"


def _open_device(pid: int) -> str | None:
    for number in os.listdir(f"/proc/{pid}/fd"):
        link = f"/proc/{pid}/fd/{number}"  # also leads to a file that has no name any more
        name = os.readlink(link)
        if int(number) > 2 and name.startswith("/") and name != os.devnull and _is_endless(link):
            return name
    return None


def _awaited_fifo(pid: int) -> str | None:
    """The FIFO that a process waits for in openat(2): it has no descriptor yet."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as state:
        number, _, address, *_ = [*state.read().split(), "", "", ""]
    if number != _OPENAT.get(os.uname().machine):
        return None
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        path = os.pread(memory, _LONGEST_PATH, int(address, 16)).split(b"\0", 1)[0]
    finally:
        os.close(memory)
    name = os.path.join(os.readlink(f"/proc/{pid}/cwd"), os.fsdecode(path))
    return name if _is_endless(name) else None


def _is_endless(name: str) -> bool:
    kind = regular_file.kind_of(os.stat(name).st_mode)
    return bool(kind) and kind != "a directory"
