"""fentry, fexit, fmod_ret and LSM hooks: what is called at a function's first instruction."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown
from bpfdoctor.preflight.checks import kernel_function
from bpfdoctor.preflight.system import Of, System


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    yield from _looked_at(hook, system)
    if system.lockdown not in (None, "none"):
        yield NotKnown(
            f"this kernel is locked down ({system.lockdown}) and may refuse to load it: bpfdoctor check tells"
        )


def _looked_at(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if hook.kind is HookKind.LSM:
        yield from _lsm(hook, system)
        return
    if not hook.target:
        yield kernel_function.NO_TARGET
        return
    module, _, name = hook.target.rpartition(":")
    if system.config("DYNAMIC_FTRACE_WITH_DIRECT_CALLS") == "n":
        yield Cause("no-trampolines", {"machine": system.machine})
        return
    absent = list(kernel_function.missing(name, system))
    yield from absent
    if absent:
        return
    types = system.types
    if module not in ("", "vmlinux") or _in_module(name, system):
        is_typed = system.in_modules(name) or not system.is_here or types is None or types.has_name(name)
    else:
        is_typed = types is None or types.has_function(name)
    if not is_typed:
        yield Cause("function-without-type", {"function": name})
        return
    yield from kernel_function.not_traced(name, system)
    yield from kernel_function.several(name, system)


def _in_module(name: str, system: System) -> bool:
    return system.symbols is not None and all(each.module for each in system.symbols.named(name))


def _lsm(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if system.config("BPF_LSM") == "n":
        yield Cause("bpf-lsm-not-active", {"active": "CONFIG_BPF_LSM is not set"})
        return
    if system.lsms is not None and "bpf" not in system.lsms:
        yield Cause("bpf-lsm-not-active", {"active": f"active are {', '.join(system.lsms) or 'none'}"})
    if not hook.target:
        yield NotKnown("nothing in the text says which hook it is attached to")
    elif system.types is None:
        yield NotKnown(system.why_not(Of.BTF))
    elif not system.types.has_function(f"bpf_lsm_{hook.target}"):
        known = [each.removeprefix("bpf_lsm_") for each in system.types.names("bpf_lsm_")]
        yield Cause(
            "lsm-hook-missing", kernel_function.likely(kernel_function.alike(hook.target, known, 3, 0.7))
        )
