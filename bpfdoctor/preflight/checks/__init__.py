"""What can keep a hook from firing: one module for each family of hooks.

A module has `look(hook, system)`, which yields every Cause that it can show, and NotKnown for what would have
to be known of the machine and cannot be.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown

if TYPE_CHECKING:
    from bpfdoctor.preflight.system import System

# Kind -> the modules that look at it, in the order in which their causes are told.
_TABLE: dict[HookKind, tuple[str, ...]] = {
    HookKind.KPROBE: ("kprobe",),
    HookKind.KRETPROBE: ("kprobe",),
    HookKind.KSYSCALL: ("kprobe",),
    HookKind.KRETSYSCALL: ("kprobe",),
    HookKind.KPROBE_MULTI: ("kprobe_multi",),
    HookKind.FENTRY: ("trampoline",),
    HookKind.FEXIT: ("trampoline",),
    HookKind.FMOD_RET: ("trampoline",),
    HookKind.LSM: ("trampoline",),
    HookKind.TRACEPOINT: ("tracepoint",),
    HookKind.RAW_TRACEPOINT: ("raw_tracepoint",),
    HookKind.TP_BTF: ("raw_tracepoint",),
    HookKind.ITER: ("declared",),
    HookKind.STRUCT_OPS: ("declared",),
    HookKind.UPROBE: ("uprobe",),
    HookKind.URETPROBE: ("uprobe",),
    HookKind.USDT: ("usdt",),
    HookKind.XDP: ("device",),
    HookKind.TC: ("device",),
    HookKind.CGROUP: ("cgroup",),
    HookKind.PERF_EVENT: ("perf_event",),
}


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    """All that the checks of this kind of hook find."""
    for name in _TABLE.get(hook.kind, ()):
        yield from import_module(f"{__name__}.{name}").look(hook, system)


def knows(kind: HookKind) -> bool:
    """Whether any check looks at hooks of this kind."""
    return kind in _TABLE
