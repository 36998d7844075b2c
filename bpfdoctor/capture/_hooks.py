"""Lets a child answer calls that libbcc makes into libc, in libc's place.

It answers bpf(2), which libbcc and libbpf reach through libc's `syscall`: compiling needs no kernel, and what
would be loaded is written down. And it makes libbcc write the program that it writes as root. As anybody else
libbcc takes no look at the kernel's symbols (`geteuid() != 0`), finds no bpf_probe_read_kernel there, and
makes another program of the same text. So it is told that it is root, and the symbols' names without
addresses, which everybody may read.

A library calls a function of libc through a pointer that the dynamic linker fills in (its GOT). We put our
own there.
"""

from __future__ import annotations

import ctypes as ct
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: (command, address of the bpf_attr, its size) -> the result, or None to let the call pass
    Answer = Callable[[int, int, int], int | None]

#: __NR_bpf by `uname -m`
_NUMBERS = {
    "x86_64": 321, "aarch64": 280, "riscv64": 280, "loongarch64": 280, "s390x": 351, "ppc64le": 361,
}  # fmt: skip
_SYMBOLS = "/proc/kallsyms"

_SYSCALL = ct.CFUNCTYPE(ct.c_long, *[ct.c_long] * 7, use_errno=True)
_GETEUID = ct.CFUNCTYPE(ct.c_uint)
_FOPEN = ct.CFUNCTYPE(ct.c_void_p, ct.c_char_p, ct.c_char_p, use_errno=True)
_libc = ct.CDLL(None, use_errno=True)
_libc.syscall.restype, _libc.syscall.argtypes = ct.c_long, [ct.c_long] * 7
_libc.fopen.restype, _libc.fopen.argtypes = ct.c_void_p, [ct.c_char_p, ct.c_char_p]
_libc.fdopen.restype, _libc.fdopen.argtypes = ct.c_void_p, [ct.c_int, ct.c_char_p]
_keep: list[object] = []  # what the libraries now point to must stay alive


def bpf(command: int, attributes: int, size: int) -> int:
    """The real system call. Its result, -1 with ctypes' errno set when it fails."""
    result: int = _libc.syscall(_NUMBERS[os.uname().machine], command, attributes, size, 0, 0, 0)
    return result


def answer_bpf(answer: Answer, *libraries: str) -> bool:
    """Ask `answer` about each bpf() call of some libraries; whether all of them could be hooked."""
    number = _NUMBERS.get(os.uname().machine)
    if number is None:
        return False

    def called(*arguments: int) -> int:
        if arguments[0] == number:
            result = answer(*arguments[1:4])
            if result is not None:
                return result
        passed: int = _libc.syscall(*arguments)
        return passed

    hook = {"syscall": _SYSCALL(called)}
    hooked = [_hooked(library, hook) for library in libraries]  # all of them, also where one cannot be
    return all(hooked)


def compile_as_for_root() -> None:
    """libbcc writes the program that it writes as root, whoever this process is."""

    def opened(path: bytes, mode: bytes) -> int | None:
        if path == _SYMBOLS.encode():
            return _libc.fdopen(_helper_names(), mode)  # type: ignore[no-any-return]
        return _libc.fopen(path, mode)  # type: ignore[no-any-return]

    _hooked("libbcc.so.0", {"geteuid": _GETEUID(lambda: 0), "fopen": _FOPEN(opened)})


def _helper_names() -> int:
    """A descriptor of a text like /proc/kallsyms with the kernel's bpf_ functions, all at one address."""
    names = os.memfd_create("kallsyms")
    with open(_SYMBOLS, "rb") as symbols, open(names, "wb", closefd=False) as out:
        for line in symbols:
            _, kind, name, *_ = line.split()
            if name.startswith(b"bpf_") and kind in b"tT":
                out.write(b"ffffffff81000000 T %s\n" % name)
    os.lseek(names, 0, os.SEEK_SET)
    return names


def _hooked(library: str, hooks: dict[str, Any]) -> bool:
    """Point every reference that a loaded library has to these functions at ours; whether there were any."""
    from bpfdoctor.formats.elf import Elf  # late: children that hook nothing start without it

    base, path = _mapped(library)
    if not path:
        return False
    try:
        with open(path, "rb") as file:
            elf = Elf(file.read())
    except (OSError, struct.error, ValueError):
        return False
    _keep.append(hooks)
    slots = [(slot, hook) for name, hook in hooks.items() for slot in elf.references(name)]
    for slot, hook in slots:
        page = (base + slot) & ~0xFFF
        if _libc.mprotect(ct.c_void_p(page), ct.c_size_t(0x2000), 3):  # it may be read-only by now
            return False
        ct.c_uint64.from_address(base + slot).value = ct.cast(hook, ct.c_void_p).value or 0
    return bool(slots)


def _mapped(library: str) -> tuple[int, str]:
    """(lowest address, path) of a loaded library whose file name begins with `library`."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            path = line[line.find("/") :].rstrip("\n") if "/" in line else ""
            if os.path.basename(path).startswith(library):
                return int(line.split("-", 1)[0], 16), path
    return 0, ""
