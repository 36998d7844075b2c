"""Helpers that tell about the machine: time, processor, task, sockets' kinds."""

from __future__ import annotations

from bpfdoctor.machine.bits import U32_MAX
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.calls.registry import Arguments, given, model
from bpfdoctor.machine.concrete.maps import EFAULT, EINVAL
from bpfdoctor.machine.concrete.process import Process


@model("bpf_ktime_get_ns", "bpf_ktime_get_boot_ns", "bpf_ktime_get_tai_ns", "bpf_ktime_get_coarse_ns",
        "bpf_jiffies64")  # fmt: skip
def _time(process: Process, a: Arguments) -> int:
    return 1_000_000_000 + 1000 * process.nth("time")


@model("bpf_get_smp_processor_id", "bpf_get_numa_node_id")
def _processor(process: Process, a: Arguments) -> int:
    return 0


@model("bpf_get_prandom_u32")
def _random(process: Process, a: Arguments) -> int:
    return process.world.number(f"random {process.nth('random')}", 32)


def _two_numbers(process: Process, label: str) -> int:
    return process.world.number(label, 31) << 32 | process.world.number(label + "'", 31)


@model("bpf_get_current_pid_tgid")
def _pid_tgid(process: Process, a: Arguments) -> int:
    return _two_numbers(process, "pid")


@model("bpf_get_current_uid_gid")
def _uid_gid(process: Process, a: Arguments) -> int:
    return _two_numbers(process, "uid")


@model("bpf_get_current_cgroup_id")
def _cgroup_id(process: Process, a: Arguments) -> int:
    return _two_numbers(process, "cgroup")


@model("bpf_get_current_task", "bpf_get_current_task_btf")
def _task(process: Process, a: Arguments) -> int:
    return context.typed_address(process.world, "current")


@model("bpf_task_pt_regs")
def _registers(process: Process, a: Arguments) -> int:
    return context.typed_address(process.world, "pt_regs")


@model("bpf_get_current_comm")
def _comm(process: Process, a: Arguments) -> int:
    size = given(a, 2) & U32_MAX
    if not size:
        return -EINVAL
    process.memory.write(given(a, 1), b"bash"[: size - 1].ljust(size, b"\0"))
    return 0


@model("bpf_get_stackid")
def _stack_id(process: Process, a: Arguments) -> int:
    process.map_of(given(a, 2))
    return (
        process.world.number(f"stack {process.nth('stack')}", 10)
        if process.world.is_lucky("stack")
        else -EFAULT
    )


@model("bpf_skc_to_tcp_sock", "bpf_skc_to_tcp6_sock", "bpf_skc_to_udp6_sock", "bpf_sk_fullsock",
        "bpf_tcp_sock", "bpf_get_listener_sock", "bpf_skc_to_unix_sock", "bpf_sock_from_file")  # fmt: skip
def _as_socket(process: Process, a: Arguments) -> int:
    socket = given(a, 1)
    return socket if socket and process.world.is_lucky("kind of socket") else 0


@model("bpf_per_cpu_ptr", "bpf_this_cpu_ptr")
def _of_cpu(process: Process, a: Arguments) -> int:
    return given(a, 1)
