"""Hooks that few calls reach: the C library makes another call, or the kernel goes past the function."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel import bypassed
from bpfdoctor.kernel.bypassed import Bypassed
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


_INLINED = {
    "how": "whose code compilers put into its callers in the same file, in Debian's kernels at least",
    "why": "a kprobe sees calls of the function itself, and no copies of its code in other functions",
}
_MOVED = {
    "how": "which the kernel's own code no longer calls for that",
    "why": "a kprobe sees calls of the function that it is attached to, and no others",
}
_BY_SYMBOL = (HookKind.KPROBE, HookKind.KRETPROBE, HookKind.FENTRY, HookKind.FEXIT)


def look(hook: Hook, raw: RawReport, system: System) -> Iterator[Cause]:
    """Nothing where the program, or another one of its file, names the other call as well."""
    passed = bypassed.table().get(hook.target) if hook.kind in _BY_SYMBOL else None
    if passed is not None:
        yield from _goes_past(passed, raw, system)
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


def _goes_past(passed: Bypassed, raw: RawReport, system: System) -> Iterator[Cause]:
    symbols, texts = system.symbols, (raw.object or b"", *(each.text.encode() for each in raw.files))
    if symbols is None or (passed.is_inlined and system.machine != "x86_64"):
        return
    instead = passed.other(system.kernel.release, lambda name: bool(symbols.named(name)))
    others = (*passed.instead, *filter(None, (passed.marks,)))
    if instead and not any(name.encode() in text for name in others for text in texts):
        values = {"function": passed.function, "instead": instead, "calls": passed.calls}
        yield Cause("kernel-function-bypassed", {**values, **(_INLINED if passed.is_inlined else _MOVED)})


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
