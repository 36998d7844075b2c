"""What a call does: its own model, or else what its arguments and its result say."""

from __future__ import annotations

from bpfdoctor.kernel import helpers
from bpfdoctor.kernel.helpers import Helper
from bpfdoctor.kernel.instructions import PSEUDO_KFUNC
from bpfdoctor.machine.bits import U32_MAX, U64_MAX
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.calls import (
    of_dynptrs,
    of_kfuncs,
    of_machine,
    of_maps,
    of_memory,
    of_objects,
    of_packets,
    of_references,
    registry,
)
from bpfdoctor.machine.concrete.faults import CannotRun, Fault, FaultKind
from bpfdoctor.machine.concrete.maps import EINVAL
from bpfdoctor.machine.concrete.process import Process
from bpfdoctor.machine.concrete.program import Instruction

# They fill registry.MODELS and registry.KFUNCS.
_FAMILIES = (of_dynptrs, of_kfuncs, of_machine, of_maps, of_memory, of_objects, of_packets, of_references)
_SIZES = ("MEM_SIZE", "MEM_SIZE_OR_ZERO")
#: Of helpers that fill memory those whose result is how many bytes they filled, in words of 8.
_SAY_HOW_MUCH = ("bpf_get_stack", "bpf_get_task_stack", "bpf_get_branch_snapshot")
#: Results of helpers that only look: their order is nobody's business.
_LOOKS = (
    "bpf_get_", "bpf_ktime_", "bpf_jiffies", "bpf_probe_read", "bpf_copy_from_user", "bpf_strtol",
    "bpf_strtoul", "bpf_strncmp", "bpf_skb_load_bytes", "bpf_xdp_load_bytes", "bpf_xdp_get_buff_len",
    "bpf_csum_diff",
    "bpf_map_lookup", "bpf_fib_lookup", "bpf_skc_to_", "bpf_snprintf", "bpf_d_path", "bpf_task_pt_regs",
    "bpf_per_cpu_ptr", "bpf_this_cpu_ptr", "bpf_sk_fullsock", "bpf_tcp_sock", "bpf_dynptr_",
)  # fmt: skip


def call(process: Process, insn: Instruction, arguments: tuple[int | None, ...]) -> int:
    """What r0 is after a call of the kernel's. Raises Fault, CannotRun."""
    if insn.src == PSEUDO_KFUNC:
        name = process.program.kfuncs.get((insn.imm, insn.off))
        model = registry.KFUNCS.get(name or "")
        if model is None:
            raise CannotRun(f"the kfunc {name or insn.imm}")
        return model(process, arguments) & U64_MAX
    helper = helpers.by_id().get(insn.imm)
    if helper is None:
        raise CannotRun(f"helper number {insn.imm}")
    own = registry.MODELS.get(helper.name)
    found = own(process, arguments) if own is not None else _by_signature(process, helper, arguments)
    if helper.moves_packet:
        context.copied(process.context, process.memory)
    return found & U64_MAX


def _by_signature(process: Process, helper: Helper, arguments: tuple[int | None, ...]) -> int:
    """Reads what it reads, fills what it fills, and works or fails as the world wants."""
    if helper.acquires or helper.releases or helper.returns not in ("INTEGER", "VOID"):
        raise CannotRun(helper.name)
    label = f"{helper.name} {process.nth(helper.name)}"
    works = process.world.is_lucky(label)
    seen: list[object] = []
    for index, kind in enumerate(helper.args):
        seen.append(_argument(process, helper, arguments, index, kind, works, label))
    if not helper.name.startswith(_LOOKS):
        process.did(helper.name, *seen)
    if helper.returns == "VOID":
        return 0
    if not works:
        return -EINVAL
    if not helper.name.startswith("bpf_get_"):
        return 0
    number = process.world.number(label, 31)
    filled = next((n for n, kind in enumerate(helper.args) if "UNINIT" in kind), None)
    if filled is None:
        return number
    if helper.name not in _SAY_HOW_MUCH:
        return 0
    room = (arguments[filled + 1] or 0) & U32_MAX
    return number % (room // 8 + 1) * 8


def _argument(
    process: Process,
    helper: Helper,
    arguments: tuple[int | None, ...],
    index: int,
    kind: str,
    works: bool,
    label: str,
) -> object:
    """What the call gets there, as something that can be compared; fills it where the call does."""
    value = arguments[index]
    if value is None:
        raise Fault(FaultKind.UNWRITTEN, f"r{index + 1}, an argument of {helper.name}")
    if kind == "CONST_MAP_PTR":
        return process.map_of(value).spec.name
    if kind == "PTR_TO_CTX":
        return registry.context_only(process, value)
    if "MAP_KEY" in kind or "MAP_VALUE" in kind:
        spec = process.map_of(arguments[0] or 0).spec
        size = spec.key_size if "MAP_KEY" in kind else spec.value_size
        if "UNINIT" in kind:
            process.memory.write(value, process.world.bytes(label, size))
            return None
        return process.memory.read(value, size)
    if "MEM" in kind and "SIZE" not in kind.split("|", maxsplit=1)[0]:
        following = helper.args[index + 1] if index + 1 < len(helper.args) else ""
        if following in _SIZES:
            size = (arguments[index + 1] or 0) & U32_MAX
            if value == 0 and "NULL" in kind:
                return None
            return _memory(process, value, size, kind, works, label)
        if "FIXED_SIZE" in kind:
            return _memory(process, value, 8, kind, works, label)
        raise CannotRun(helper.name)
    if kind == "ANYTHING" or "SIZE" in kind or "SCALAR" in kind:
        region = process.memory.region_of(value)
        return value if region is None else (region.kind, region.name)
    if "BTF_ID" in kind or "SOCK" in kind:
        region = process.memory.region_of(value)
        if region is None or region.kind not in ("typed", "context"):
            raise Fault(
                FaultKind.ARGUMENT, f"argument {index + 1} of {helper.name} is no object of the kernel's"
            )
        return region.kind
    raise CannotRun(helper.name)


def _memory(process: Process, address: int, size: int, kind: str, works: bool, label: str) -> object:
    if "UNINIT" in kind or "WRITE" in kind:
        process.memory.at(address, max(size, 1), is_write=True)
        process.memory.write(address, process.world.bytes(label, size) if works else bytes(size))
        return size
    return process.memory.read(address, size)
