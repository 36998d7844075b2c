"""Where programs want to be attached, as a section's name says it (libbpf), or a program's own (BCC)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bpfdoctor.model.preflight import Hook, HookKind

# What a section begins with -> the kind, and what else it says (libbpf's section names).
_SECTIONS: dict[str, tuple[HookKind, dict[str, Any]]] = {
    "kprobe": (HookKind.KPROBE, {}),
    "kretprobe": (HookKind.KRETPROBE, {}),
    "ksyscall": (HookKind.KSYSCALL, {}),
    "kretsyscall": (HookKind.KRETSYSCALL, {}),
    "kprobe.multi": (HookKind.KPROBE_MULTI, {}),
    "kretprobe.multi": (HookKind.KPROBE_MULTI, {"returns": True}),
    "kprobe.session": (HookKind.KPROBE_MULTI, {"session": True}),
    "fentry": (HookKind.FENTRY, {}),
    "fexit": (HookKind.FEXIT, {}),
    "fsession": (HookKind.FEXIT, {"session": True}),
    "fmod_ret": (HookKind.FMOD_RET, {}),
    "freplace": (HookKind.FREPLACE, {}),
    "tracepoint": (HookKind.TRACEPOINT, {}),
    "tp": (HookKind.TRACEPOINT, {}),
    "raw_tracepoint": (HookKind.RAW_TRACEPOINT, {}),
    "raw_tp": (HookKind.RAW_TRACEPOINT, {}),
    "raw_tracepoint.w": (HookKind.RAW_TRACEPOINT, {"writes": True}),
    "raw_tp.w": (HookKind.RAW_TRACEPOINT, {"writes": True}),
    "tp_btf": (HookKind.TP_BTF, {}),
    "uprobe": (HookKind.UPROBE, {}),
    "uretprobe": (HookKind.URETPROBE, {}),
    "uprobe.multi": (HookKind.UPROBE_MULTI, {}),
    "uretprobe.multi": (HookKind.UPROBE_MULTI, {"returns": True}),
    "uprobe.session": (HookKind.UPROBE_MULTI, {"session": True}),
    "usdt": (HookKind.USDT, {}),
    "lsm": (HookKind.LSM, {}),
    "lsm_cgroup": (HookKind.LSM, {"cgroup": True}),
    "iter": (HookKind.ITER, {}),
    "struct_ops": (HookKind.STRUCT_OPS, {}),
    "perf_event": (HookKind.PERF_EVENT, {}),
    "xdp": (HookKind.XDP, {}),
    "tc": (HookKind.TC, {}),
    "tcx": (HookKind.TC, {}),
    "netkit": (HookKind.TC, {}),
    "classifier": (HookKind.TC, {}),
    "action": (HookKind.TC, {}),
    "syscall": (HookKind.SYSCALL, {}),
    "socket": (HookKind.SOCKET, {}),
    "sk_reuseport": (HookKind.SOCKET, {}),
    "sockops": (HookKind.CGROUP, {}),
}
_CGROUP = re.compile(r"cgroup[/_]")
# BCC attaches what is called so by itself.
_NAMED = re.compile(r"(kprobe|kretprobe|tracepoint|raw_tracepoint|kfunc|kretfunc|kmod_ret|lsm)__(\w+)")
_NAMED_KINDS = {
    "kprobe": HookKind.KPROBE,
    "kretprobe": HookKind.KRETPROBE,
    "tracepoint": HookKind.TRACEPOINT,
    "raw_tracepoint": HookKind.RAW_TRACEPOINT,
    "kfunc": HookKind.FENTRY,
    "kretfunc": HookKind.FEXIT,
    "kmod_ret": HookKind.FMOD_RET,
    "lsm": HookKind.LSM,
}


def of_section(program: str, section: str) -> Hook:
    """What a section's name says: `kprobe/do_unlinkat`, `tp/sched/sched_switch`, `fentry.s/vfs_read`."""
    head, _, target = section.removeprefix("?").partition("/")
    kind, options = _kind(head)
    options = dict(options)
    if kind is HookKind.TRACEPOINT:
        target = target.replace("/", ":", 1)
    elif kind in (HookKind.KPROBE, HookKind.KRETPROBE):
        target, options = _with_offset(target, options)
    elif kind is HookKind.TC or kind is HookKind.OTHER:
        options["section"], target = section.removeprefix("?"), ""
    return Hook(program, kind, target, section or None, options=options)


def _kind(head: str) -> tuple[HookKind, Mapping[str, Any]]:
    """What the part before the first slash says: `.s` is a program that sleeps."""
    if head in _SECTIONS:
        return _SECTIONS[head]
    for part, option in ((".s", "sleeps"), (".frags", "frags")):
        if head.endswith(part) and head.removesuffix(part) in _SECTIONS:
            kind, options = _SECTIONS[head.removesuffix(part)]
            return kind, {**options, option: True}
    return (HookKind.CGROUP, {}) if _CGROUP.match(f"{head}/") else (HookKind.OTHER, {})


def _with_offset(target: str, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """`do_unlinkat+0x10` is 16 bytes into the function."""
    name, plus, offset = target.partition("+")
    try:
        return (name, {**options, "offset": int(offset, 0)}) if plus else (target, options)
    except ValueError:
        return target, options


def of_name(program: str) -> Hook | None:
    """What a name says that BCC attaches by itself: `kprobe__f`, `tracepoint__sched__sched_switch`."""
    found = _NAMED.fullmatch(program)
    if found is None:
        return None
    kind, target = _NAMED_KINDS[found[1]], found[2]
    if kind is HookKind.TRACEPOINT:
        target = target.replace("__", ":", 1)
    return Hook(program, kind, target)
