"""What the verifier and the loader's system call learnt besides helpers, kfuncs and types: since when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpfdoctor.kernel.instructions import ALU, ALU64, CLASS, JMP, JMP32, LDX, STX
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """`since`: the first release; `commit`: the first twelve digits of the commit of Linux that brought it.

    `backported`: the first of an older series' stable releases that has it, too.
    """

    name: str
    since: str
    commit: str
    backported: str = ""


_J = "jumps that compare with < (from -mcpu=v2 on)"
FUNCTION_CALLS = Feature("calls of the program's own functions", "4.16", "cc8b0b92a169")
CALLBACKS = Feature("functions of the program that the kernel calls", "5.13", "69c087ba6225")
LOOPS = Feature("loops that are not unrolled", "5.3", "2589726d12a1")
LONG_PROGRAMS = Feature("more than 4096 instructions", "5.2", "c04c0d2b968a")
GLOBALS = Feature("global variables", "5.2", "d8eca5bbb2be")
KFUNC_CALLS = Feature("calls of kernel functions", "5.13", "e6ac2450d6de")
KERNEL_VARIABLES = Feature("the kernel's own variables (typed __ksym)", "5.10", "4976b718c355")
SLEEPABLE = Feature("programs that may sleep", "5.10", "1e6c62a88215")
KERNEL_TYPES = Feature("the kernel's types (CONFIG_DEBUG_INFO_BTF)", "5.2", "e83b9f55448a")
MMAPABLE = Feature("maps that user space maps (BPF_F_MMAPABLE)", "5.5", "fc9702273e2e")
TAIL_CALLS_IN_FUNCTIONS = Feature("tail calls beside calls of its own functions", "5.10", "e411901c0b77")

_JUMPS_2 = Feature(_J, "4.14", "92b31a9af73b")
_JUMPS_32 = Feature("jumps that compare 32 bits (from -mcpu=v3 on)", "5.1", "092ed0968bb6")
_ATOMICS = Feature(
    "atomic exchange, and, or, xor, or the old value (from -mcpu=v3 on)", "5.12", "981f94c3e921"
)
_ACQUIRE = Feature("load-acquire and store-release (-mcpu=v4)", "6.15", "880442305a39")
_SIGNED_LOADS = Feature("loads that extend the sign (-mcpu=v4)", "6.6", "1f9a1ea821ff")
_SIGNED_MOVES = Feature("moves that extend the sign (-mcpu=v4)", "6.6", "8100928c8814")
_SIGNED_DIVISION = Feature("signed division (-mcpu=v4)", "6.6", "ec0e2da95f72")
_SWAPS = Feature("byte swaps (-mcpu=v4)", "6.6", "0845c3db7bf5")
_LONG_JUMPS = Feature("jumps over more than 32767 instructions (-mcpu=v4)", "6.6", "4cd58e9af8b9", "6.1.72")
_MAY_GOTO = Feature("may_goto (cond_break, can_loop)", "6.9", "011832b97b31")
_ARENA_CASTS = Feature("pointers of another address space (arenas)", "6.9", "6082b6c328b5")

# Instructions that a program may have before LONG_PROGRAMS, and without CAP_BPF: BPF_MAXINSNS,
# include/uapi/linux/bpf_common.h.
OLD_INSNS = 4096

# Attach types of enum bpf_attach_type (without BPF_) that kernels from 4.18 on brought: the first release.
# tests/lab/test_needs.py compares them with the BTF of the lab's kernels.
ATTACH_TYPES: Mapping[str, str] = {
    "FLOW_DISSECTOR": "4.20",
    "CGROUP_SYSCTL": "5.2",
    "CGROUP_UDP4_RECVMSG": "5.2",
    "CGROUP_UDP6_RECVMSG": "5.2",
    "CGROUP_GETSOCKOPT": "5.3",
    "CGROUP_SETSOCKOPT": "5.3",
    "TRACE_RAW_TP": "5.5",
    "TRACE_FENTRY": "5.5",
    "TRACE_FEXIT": "5.5",
    "MODIFY_RETURN": "5.7",
    "LSM_MAC": "5.7",
    "TRACE_ITER": "5.8",
    "CGROUP_INET4_GETPEERNAME": "5.8",
    "CGROUP_INET6_GETPEERNAME": "5.8",
    "CGROUP_INET4_GETSOCKNAME": "5.8",
    "CGROUP_INET6_GETSOCKNAME": "5.8",
    "XDP_DEVMAP": "5.8",
    "CGROUP_INET_SOCK_RELEASE": "5.9",
    "XDP_CPUMAP": "5.9",
    "SK_LOOKUP": "5.9",
    "SK_SKB_VERDICT": "5.13",
    "SK_REUSEPORT_SELECT_OR_MIGRATE": "5.14",
    "TRACE_KPROBE_MULTI": "5.18",
    "LSM_CGROUP": "6.0",
    "NETFILTER": "6.4",
    "TCX_INGRESS": "6.6",
    "TCX_EGRESS": "6.6",
    "TRACE_UPROBE_MULTI": "6.6",
    "CGROUP_UNIX_CONNECT": "6.7",
    "CGROUP_UNIX_SENDMSG": "6.7",
    "CGROUP_UNIX_RECVMSG": "6.7",
    "CGROUP_UNIX_GETPEERNAME": "6.7",
    "CGROUP_UNIX_GETSOCKNAME": "6.7",
    "NETKIT_PRIMARY": "6.7",
    "NETKIT_PEER": "6.7",
    "TRACE_KPROBE_SESSION": "6.10",
    "TRACE_UPROBE_SESSION": "6.13",
    "TRACE_FSESSION": "7.0",
}

# Source: Documentation/bpf/standardization/instruction-set.rst
_FROM_V2 = (0xA0, 0xB0, 0xC0, 0xD0)  # JLT, JLE, JSLT, JSLE
_ADD, _FETCH, _LOAD_ACQUIRE, _STORE_RELEASE = 0x00, 0x01, 0x100, 0x110


def of_instruction(opcode: int, off: int, imm: int) -> Iterator[Feature]:
    """What an instruction needs of a kernel; nothing for those of the first kernels."""
    kind, operation = opcode & CLASS, opcode & 0xF0
    if kind == JMP32:
        yield _LONG_JUMPS if operation == 0 else _JUMPS_32
    elif kind == JMP and operation in _FROM_V2:
        yield _JUMPS_2
    elif kind == JMP and operation == 0xE0:
        yield _MAY_GOTO
    elif kind == LDX and opcode & 0xE0 == 0x80:
        yield _SIGNED_LOADS
    elif kind == STX and opcode & 0xE0 == 0xC0 and imm != _ADD:
        yield _ACQUIRE if imm in (_LOAD_ACQUIRE, _STORE_RELEASE) else _ATOMICS
    elif kind in (ALU, ALU64) and operation == 0xB0 and off:
        yield _ARENA_CASTS if off == 1 else _SIGNED_MOVES
    elif kind in (ALU, ALU64) and operation in (0x30, 0x90) and off == 1:
        yield _SIGNED_DIVISION
    elif kind == ALU64 and operation == 0xD0:
        yield _SWAPS
