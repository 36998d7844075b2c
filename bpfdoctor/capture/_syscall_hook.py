"""Lets a child see, answer or change the bpf() system calls that libbcc makes through libc's `syscall`.

libbcc loads a program that was refused with EINVAL a second and third time, without its line information
and its name, and shows the last log: the one that no longer says which line of the source is meant. Seeing
each call once, as libbcc first makes it, keeps the lines; it also lets us compile without loading.

A library calls `syscall` through a pointer that the dynamic linker fills in (its GOT). We put our own there.
"""

from __future__ import annotations

import ctypes as ct
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    #: (command, address of the bpf_attr, its size) -> the result, or None to let the call pass
    Answer = Callable[[int, int, int], int | None]

#: __NR_bpf by `uname -m`
_NUMBERS = {
    "x86_64": 321, "aarch64": 280, "riscv64": 280, "loongarch64": 280, "s390x": 351, "ppc64le": 361,
}  # fmt: skip

_CALL = ct.CFUNCTYPE(ct.c_long, *[ct.c_long] * 7, use_errno=True)
_libc = ct.CDLL(None, use_errno=True)
_real = _libc.syscall
_real.restype, _real.argtypes = ct.c_long, [ct.c_long] * 7
_keep: list[object] = []  # what the libraries now point to must stay alive


def bpf(command: int, attributes: int, size: int) -> int:
    """The real system call. Its result, -1 with ctypes' errno set when it fails."""
    result: int = _real(_NUMBERS[os.uname().machine], command, attributes, size, 0, 0, 0)
    return result


def install(answer: Answer, libraries: tuple[str, ...]) -> bool:
    """Ask `answer` about each bpf() call of the loaded `libraries`; whether all could be hooked."""
    number = _NUMBERS.get(os.uname().machine)
    if number is None:
        return False

    def called(*arguments: int) -> int:
        if arguments[0] == number:
            result = answer(*arguments[1:4])
            if result is not None:
                return result
        passed: int = _real(*arguments)
        return passed

    hook = _CALL(called)
    _keep.append(hook)
    address = ct.cast(hook, ct.c_void_p).value or 0
    done = [_patch(library, address) for library in libraries]
    return all(done)


def _patch(library: str, address: int) -> bool:
    """Point every reference that a loaded library has to `syscall` at `address`."""
    from bpfdoctor.formats.elf import Elf  # late: children that hook nothing start without it

    base, path = _mapped(library)
    if not path:
        return False
    try:
        with open(path, "rb") as file:
            slots = Elf(file.read()).references("syscall")
    except (OSError, struct.error, ValueError):
        return False
    for slot in slots:
        page = (base + slot) & ~0xFFF
        if _libc.mprotect(
            ct.c_void_p(page), ct.c_size_t(0x2000), 3
        ):  # the pointer table may be read-only by now
            return False
        ct.c_uint64.from_address(base + slot).value = address
    return bool(slots)


def _mapped(library: str) -> tuple[int, str]:
    """(lowest address, path) of a loaded library whose file name begins with `library`."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            path = line[line.find("/") :].rstrip("\n") if "/" in line else ""
            if os.path.basename(path).startswith(library):
                return int(line.split("-", 1)[0], 16), path
    return 0, ""
