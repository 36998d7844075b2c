"""Options that a kernel was built without."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel import types
from bpfdoctor.model.preflight import Cause, Hook, HookKind, Remark, Wants
from bpfdoctor.preflight.system import System

# What attaching takes besides what the program's type does; checks/ has the options that say more.
_OF_KINDS = {
    HookKind.UPROBE: "UPROBE_EVENTS",
    HookKind.URETPROBE: "UPROBE_EVENTS",
    HookKind.UPROBE_MULTI: "UPROBES",
    HookKind.USDT: "UPROBE_EVENTS",
}
_TOLD_BY_CHECKS = frozenset({HookKind.CGROUP, HookKind.PERF_EVENT, HookKind.LSM})
_BY_TYPE = ("tracing", "lsm", "ext", "struct_ops")  # found by a kernel's type
_SHIP_TYPES = (
    "Its CO-RE relocations need the kernel's types, and this kernel has none (CONFIG_DEBUG_INFO_BTF): a "
    "loader must bring them (btf_custom_path)."
)


def look(hook: Hook, wants: Wants, system: System) -> Iterator[Cause | Remark]:
    if system.config("BPF_SYSCALL") == "n":
        yield _without("BPF_SYSCALL")
        return
    known = types.programs().get(wants.type)
    option = known.config.removeprefix("CONFIG_") if known else ""
    if option and hook.kind not in _TOLD_BY_CHECKS and system.config(option) == "n":
        yield _without(option)
    elif (of_kind := _OF_KINDS.get(hook.kind)) and system.config(of_kind) == "n":
        yield _without(of_kind)
    for name, number in wants.map_types:
        map_type = types.maps().get(number)
        option = map_type.config if map_type is not None else ""
        if option and system.config(option.removeprefix("CONFIG_")) == "n":
            yield Cause("map-not-configured", {"map": name, "option": option}, of_machine=True)
    if system.config("DEBUG_INFO_BTF") == "n":
        if wants.type in _BY_TYPE:
            yield Cause("kernel-without-types", {}, of_machine=True)
        elif wants.kernel_types:
            yield Remark(_SHIP_TYPES)


def _without(option: str) -> Cause:
    return Cause("hook-not-configured", {"option": f"CONFIG_{option}"}, of_machine=True)
