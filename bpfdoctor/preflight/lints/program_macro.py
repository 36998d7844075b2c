"""Macros that name a program's arguments: each reads them from where one kind of hook has them."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System

_CALLED = frozenset({"BPF_KPROBE", "BPF_UPROBE"})  # reads the registers of a call
_RETURNED = frozenset({"BPF_KRETPROBE", "BPF_URETPROBE"})
_SYSTEM_CALL = frozenset({"BPF_KSYSCALL", "BPF_KPROBE_SYSCALL"})
_LISTED = frozenset({"BPF_PROG", "BPF_PROG2"})  # reads a list of arguments
_PROBE = frozenset({"BPF_USDT"})
_FITTING: dict[HookKind, frozenset[str]] = {
    HookKind.KPROBE: _CALLED | _SYSTEM_CALL,
    HookKind.KRETPROBE: _RETURNED,
    HookKind.KSYSCALL: _SYSTEM_CALL,
    HookKind.KRETSYSCALL: _RETURNED,
    HookKind.UPROBE: _CALLED,
    HookKind.URETPROBE: _RETURNED,
    HookKind.USDT: _PROBE,
    HookKind.FENTRY: _LISTED,
    HookKind.FEXIT: _LISTED,
    HookKind.FMOD_RET: _LISTED,
    HookKind.TP_BTF: _LISTED,
    HookKind.RAW_TRACEPOINT: _LISTED,
    HookKind.LSM: _LISTED,
    HookKind.TRACEPOINT: frozenset(),
}
_RIGHT = {
    HookKind.KPROBE: "BPF_KPROBE", HookKind.KRETPROBE: "BPF_KRETPROBE", HookKind.KSYSCALL: "BPF_KSYSCALL",
    HookKind.KRETSYSCALL: "BPF_KRETPROBE", HookKind.UPROBE: "BPF_UPROBE", HookKind.URETPROBE: "BPF_URETPROBE",
    HookKind.USDT: "BPF_USDT", HookKind.TRACEPOINT: "no macro, and a pointer to the record",
}  # fmt: skip
_MACROS = _CALLED | _RETURNED | _SYSTEM_CALL | _LISTED | _PROBE
WRAPPERS = ("__x64_sys_", "__arm64_sys_", "__s390x_sys_", "__riscv_sys_", "__ia32_sys_")


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    del system
    function = text.start
    fitting = _FITTING.get(hook.kind)
    if fitting is None or function.macro not in _MACROS or not function.params:
        return  # without arguments every macro does the same
    at = text.place(function.span, function)
    column = at.text.find(function.macro) + 1 if at.text else 0
    at = type(at)(
        at.file,
        at.line,
        column or None,
        column + len(function.macro) if column else None,
        at.function,
        at.text,
    )
    if function.macro not in fitting:
        right = _RIGHT.get(hook.kind, "BPF_PROG")
        yield Cause("program-macro", {"macro": function.macro, "right": right}, at)
    elif hook.target.startswith(WRAPPERS) and function.macro in _CALLED:
        first = function.params[0]
        if "pt_regs" not in first.type:
            yield Cause("system-call-arguments", {"argument": first.name, "function": hook.target}, at)
