"""kprobe and kretprobe: a function of the kernel; ksyscall: that of a system call."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown
from bpfdoctor.preflight.checks import kernel_function, patterns
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if pattern := hook.options.get("pattern"):
        yield from _pattern(str(pattern), system)
    elif not hook.target:
        yield kernel_function.NO_TARGET  # a program of this type may be for a uprobe as well
    elif system.config("KPROBES") == "n":
        yield Cause("no-kprobes", {})
    elif system.config("KPROBE_EVENTS") == "n":
        yield Cause("no-kprobe-events", {})
    elif hook.kind in (HookKind.KSYSCALL, HookKind.KRETSYSCALL):
        yield from _system_call(hook.target, system)
    elif hook.target.startswith("0x"):
        yield NotKnown("it is attached to an address, and functions move at each boot")
    else:
        yield from _function(hook.target.rpartition(":")[2], system)


def _function(name: str, system: System) -> Iterator[Cause | NotKnown]:
    absent = list(kernel_function.missing(name, system))
    yield from absent
    if absent:
        return
    if system.blacklist is not None and name in system.blacklist:
        yield Cause("kprobe-blacklisted", {"function": name})
    elif system.config("DYNAMIC_FTRACE") == "y" and system.config("KPROBE_EVENTS_ON_NOTRACE") == "n":
        yield from kernel_function.not_traced(name, system)
    yield from kernel_function.several(name, system)


def _pattern(pattern: str, system: System) -> Iterator[Cause | NotKnown]:
    """BCC's event_re: the functions that begin as a regular expression says, if ftrace can trace them."""
    names = system.traceable if system.traceable is not None else system.symbols and system.symbols.names
    if not names:
        yield NotKnown(system.why_not(Of.SYMBOLS))
        return
    found = list(patterns.fits(pattern, names, "function", "this kernel"))
    if system.config("KPROBES") == "n" and not any(isinstance(each, NotKnown) for each in found):
        yield Cause("no-kprobes", {})
    elif any(isinstance(each, Cause) for each in found) and not system.shows_modules:
        yield kernel_function.not_in_kernel(f"function like {pattern}", system)
    else:
        yield from found


def _system_call(call: str, system: System) -> Iterator[Cause | NotKnown]:
    """libbpf takes the function that this architecture has for a system call."""
    if system.symbols is None:
        yield NotKnown(system.why_not(Of.SYMBOLS))
    elif not system.symbols.wrappers(call) and not system.symbols.named(f"sys_{call}"):
        yield Cause("system-call-missing", {"call": call, **kernel_function.likely(_like(call, system))})


def _like(call: str, system: System) -> tuple[str, ...]:
    """Calls that are nearly named so."""
    assert system.symbols is not None
    known = [each.name.partition("_sys_")[2] for each in system.symbols.fitting("__*_sys_*")]
    return tuple(kernel_function.alike(call, sorted(set(known)), 3, 0.75))
