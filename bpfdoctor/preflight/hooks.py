"""Where programs want to be attached: what their sections say (libbpf), or their names (BCC)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.elf import OBJECT, Elf
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Hook, HookKind, Read
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import RawReport
from bpfdoctor.preflight import context_reads
from bpfdoctor.source import Source

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
# How a kernel's program types are called where nothing but the type is known (BCC).
_TYPES = {
    "kprobe": HookKind.KPROBE,
    "tracepoint": HookKind.TRACEPOINT,
    "raw_tracepoint": HookKind.RAW_TRACEPOINT,
    "perf_event": HookKind.PERF_EVENT,
    "xdp": HookKind.XDP,
    "sched_cls": HookKind.TC,
    "sched_act": HookKind.TC,
    "socket_filter": HookKind.SOCKET,
    "lsm": HookKind.LSM,
}
# Hooks whose context is a record, or a list of arguments, of their own.
_WITH_RECORD = (HookKind.TRACEPOINT, HookKind.RAW_TRACEPOINT)
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


def hook_of(raw: RawReport, source: Source) -> Hook | None:
    """Where the program of a report is attached; None where the report is about no program."""
    program = raw.program
    if program is None or not program.name:
        return None
    if raw.flavour.is_bcc:
        hook = of_name(program.name) or Hook(program.name, _TYPES.get(program.type or "", HookKind.OTHER))
        return replace(hook, location=_place(source, raw, program.name, None))
    hook = of_section(program.name, program.section or "")
    if hook.kind is HookKind.STRUCT_OPS and raw.object:
        hook = replace(hook, options={**hook.options, **_filled(raw.object, program.name)})
    reads = _reads(raw, source, program.name) if hook.kind in _WITH_RECORD else ()
    return replace(hook, location=_place(source, raw, program.name, program.section), reads=reads)


def _reads(raw: RawReport, source: Source, program: str) -> tuple[Read, ...]:
    found = context_reads.reads_of(raw.object, program) if raw.object else ()
    return tuple(replace(each, place=source.place_at(each.insn)) for each in found)


def _filled(data: bytes, program: str) -> dict[str, str]:
    """The structure of functions that a program is put into, where the object has only one kind of them."""
    elf, btf = Elf.read(data), Btf.from_elf(data)
    found = set()
    for index, name in enumerate(elf.names) if elf is not None and btf is not None else ():
        if elf is not None and btf is not None and name.startswith(".struct_ops"):
            variables = [each.name for each in elf.symbols if each.section == index and each.kind == OBJECT]
            ids = [btf.variables[each] for each in variables if each in btf.variables]
            found |= {btf.name(btf.resolve(id)).removeprefix("struct ") for id in ids}
    return {"structure": found.pop()} if len(found) == 1 else {}


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


def _place(source: Source, raw: RawReport, program: str, section: str | None) -> Place | None:
    """Where the user's text names the section or, for BCC, the function."""
    for file in raw.files:
        c = source.c(file.path)
        function = c.function(program) if c is not None else None
        if c is None or function is None:
            continue
        wanted = f'"{section}"' if section else program
        for line in range(function.body.line, max(function.body.line - _ABOVE, 0), -1):
            if (at := c.line(line).find(wanted)) >= 0:
                return Place(file.path, line, at + 1, at + 1 + len(wanted), program, c.line(line))
        return Place(file.path, function.start, None, None, program, c.line(function.start))
    return None if raw.flavour.is_bcc else source.place_at(0)  # an object's own lines


_ABOVE = 12  # lines above a function's body in which its section is looked for
