"""Hooks that few calls reach: the C library makes another call, or the kernel goes past the function."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.model.report import RawReport
from bpfdoctor.pattern import later
from bpfdoctor.preflight.system import System

_EVENT = later(r"syscalls:sys_(?:enter|exit)_(\w+)")
_FUNCTION = later(r"(?:__(?:x64|ia32|do|se)_sys_|SyS_|sys_)(\w+)")
_BY_NAME = (HookKind.KSYSCALL, HookKind.KRETSYSCALL)
_VDSO = ""
# Call -> the function, and the call that it makes instead: what strace shows of glibc 2.36 on x86-64.
_INSTEAD = {
    "open": ("open()", "openat"), "fork": ("fork()", "clone"),
    "nanosleep": ("nanosleep()", "clock_nanosleep"),
    "stat": ("stat()", "newfstatat"), "newstat": ("stat()", "newfstatat"),
    "lstat": ("lstat()", "newfstatat"), "newlstat": ("lstat()", "newfstatat"),
    "getrlimit": ("getrlimit()", "prlimit64"), "setrlimit": ("setrlimit()", "prlimit64"),
    "select": ("select()", "pselect6"), "pipe": ("pipe()", "pipe2"),
    "time": ("time()", _VDSO), "gettimeofday": ("gettimeofday()", _VDSO),
    "clock_gettime": ("clock_gettime()", _VDSO), "getcpu": ("getcpu()", _VDSO),
}  # fmt: skip


# Function -> the one that it only calls: a kprobe on it counted 0 in guests with 5.10, 6.12 and 7.3 (gcc,
# x86-64) while files were opened, one on the other counted.
_BYPASSED = {"do_sys_open": "do_sys_openat2"}
_BY_SYMBOL = (HookKind.KPROBE, HookKind.KRETPROBE, HookKind.FENTRY, HookKind.FEXIT)


def look(hook: Hook, raw: RawReport, system: System) -> Iterator[Cause]:
    """Nothing where the program, or another one of its file, names the other call as well."""
    instead = _BYPASSED.get(hook.target) if hook.kind in _BY_SYMBOL else None
    if instead and system.machine == "x86_64":
        symbols, has = system.symbols, (raw.object or b"", *(each.text.encode() for each in raw.files))
        there = symbols is not None and symbols.named(hook.target) and symbols.named(instead)
        if there and not any(instead.encode() in text for text in has):
            yield Cause("kernel-function-bypassed", {"function": hook.target, "instead": instead})
        return
    call = _call(hook) if system.machine == "x86_64" else None
    if call not in _INSTEAD:
        return
    function, other = _INSTEAD[call]
    texts = (raw.object or b"", *(each.text.encode() for each in raw.files))
    if other and any(_names(other, text) for text in texts):
        return
    instead = f"makes the system call {other}" if other else "asks the vDSO, without a system call"
    yield Cause("system-call-seldom", {"call": call, "function": function, "instead": instead})


def _names(call: str, text: bytes) -> bool:
    """Whether a program, or its object, has hooks of a system call, too."""
    ways = (
        f"sys_{call}",
        f"sys_enter_{call}",
        f"sys_exit_{call}",
        f"syscall/{call}",
        f'"{call}"',
        f"'{call}'",
    )
    return any(each.encode() in text for each in ways)


def _call(hook: Hook) -> str | None:
    """The system call that a hook is for."""
    if hook.kind in _BY_NAME:
        return hook.target
    found = _EVENT.fullmatch(hook.target) or _FUNCTION.fullmatch(hook.target)
    return found[1] if found else None
