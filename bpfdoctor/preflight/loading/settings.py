"""What the machine is set to: lockdown, the JIT, whether addresses are shown, perf events, locked memory."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel.capabilities import PERFMON, SYS_ADMIN, SYS_RESOURCE
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.model.preflight import Cause, Hook, HookKind, Wants
from bpfdoctor.preflight.system import System

_KPROBES = (HookKind.KPROBE, HookKind.KRETPROBE, HookKind.KSYSCALL, HookKind.KRETSYSCALL)
# Attached through perf_event_open(2).
_PERF_EVENTS = (
    *_KPROBES,
    HookKind.UPROBE,
    HookKind.URETPROBE,
    HookKind.USDT,
    HookKind.TRACEPOINT,
    HookKind.PERF_EVENT,
)
# LOCKDOWN_BPF_READ_KERNEL and LOCKDOWN_BPF_WRITE_USER, kernel/trace/bpf_trace.c and kernel/bpf/helpers.c.
_READS = frozenset(f"bpf_probe_read{word}" for word in ("", "_str", "_kernel", "_kernel_str"))
_WRITES = frozenset({"bpf_probe_write_user"})
_FREE_OF_LIMIT = (5, 11)  # memory cgroups count BPF's memory since (commit 3ac1f01b43b6)


def look(hook: Hook, wants: Wants, system: System) -> Iterator[Cause]:
    yield from _lockdown(hook, wants, system)
    yield from _jit(wants, system)
    yield from _addresses(wants, system)
    yield from _perf_events(hook, system)
    yield from _memory(wants, system)


def _lockdown(hook: Hook, wants: Wants, system: System) -> Iterator[Cause]:
    level = system.lockdown
    if level == "confidentiality" and hook.kind in _KPROBES:
        yield _cause("lockdown-forbids", what="kprobes", level=level)
    forbidden = (
        _WRITES | _READS if level == "confidentiality" else _WRITES if level == "integrity" else frozenset()
    )
    for helper in sorted(wants.helpers & forbidden):
        yield _cause("lockdown-forbids", what=helper, level=level or "")


def _jit(wants: Wants, system: System) -> Iterator[Cause]:
    if not wants.needs_jit:
        return
    if system.config("BPF_JIT") == "n":
        yield _cause("jit-off", what=wants.needs_jit, setting="CONFIG_BPF_JIT is not set")
    elif system.setting("net.core.bpf_jit_enable") == "0":
        yield _cause("jit-off", what=wants.needs_jit, setting="net.core.bpf_jit_enable is 0")


def _addresses(wants: Wants, system: System) -> Iterator[Cause]:
    """kallsyms_show_value(), kernel/: 2 hides addresses from all, 1 from who lacks CAP_SYSLOG."""
    caller, restrict = system.caller, system.setting("kernel.kptr_restrict")
    if caller is None or not wants.addresses:
        return
    what = ", ".join(wants.addresses)
    if restrict == "2":
        yield _cause("kernel-addresses-hidden", what=what, setting="kernel.kptr_restrict is 2")
    elif caller.reads_addresses is False and (restrict == "1" or _hides_from_most(system)):
        setting = f"kernel.kptr_restrict is {restrict}, and this process has no CAP_SYSLOG"
        yield _cause("kernel-addresses-hidden", what=what, setting=setting)


def _hides_from_most(system: System) -> bool:
    """With kptr_restrict 0 who may profile the kernel sees the addresses."""
    level = system.setting("kernel.perf_event_paranoid") or ""
    return level.isdigit() and int(level) > 1


def _perf_events(hook: Hook, system: System) -> Iterator[Cause]:
    """Debian's and Ubuntu's kernels have levels 3 and 4, which other kernels do not know."""
    caller, level = system.caller, system.setting("kernel.perf_event_paranoid") or ""
    if caller is None or hook.kind not in _PERF_EVENTS or level not in ("3", "4"):
        return
    if PERFMON in caller.capabilities and SYS_ADMIN not in caller.capabilities:
        yield _cause("perf-events-restricted", level=level)


def _memory(wants: Wants, system: System) -> Iterator[Cause]:
    caller = system.caller
    if caller is None or caller.locked_bytes is None or numbers(system.kernel.release)[:2] >= _FREE_OF_LIMIT:
        return
    if wants.map_bytes > caller.locked_bytes and SYS_RESOURCE not in caller.capabilities:
        values = {"wanted": wants.map_bytes, "limit": caller.locked_bytes}
        yield Cause("memory-lock-too-small", values, of_machine=True)


def _cause(rule: str, **values: str) -> Cause:
    return Cause(rule, values, of_machine=True)
