"""Which header declares a name, and which clang has a built-in: written by scripts/declared_names.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Declared:
    """`kind`: macro, constant, function, enumerator or struct. `value` of a constant that is a number.

    `lacks` is the newest of our versions of libbpf without it, "" where all have it.
    """

    header: str
    kind: str
    value: str
    lacks: str


# What a program written for the kernel, for user space or for another loader uses, and the BPF form of it.
OTHER_NAMES: Mapping[str, tuple[str, str]] = {
    **{name: (f"bpf_{name}", "bpf/bpf_endian.h") for name in ("htons", "ntohs", "htonl", "ntohl")},
    **{f"__constant_{name}": (f"bpf_{name}", "bpf/bpf_endian.h") for name in ("htons", "ntohs", "htonl")},
    **{f"cpu_to_be{n}": (f"bpf_cpu_to_be{n}", "bpf/bpf_endian.h") for n in ("64",)},
    **{f"be{n}_to_cpu": (f"bpf_be{n}_to_cpu", "bpf/bpf_endian.h") for n in ("64",)},
    "be16_to_cpu": ("bpf_ntohs", "bpf/bpf_endian.h"),
    "be32_to_cpu": ("bpf_ntohl", "bpf/bpf_endian.h"),
    "cpu_to_be16": ("bpf_htons", "bpf/bpf_endian.h"),
    "cpu_to_be32": ("bpf_htonl", "bpf/bpf_endian.h"),
    "printk": ("bpf_printk", "bpf/bpf_helpers.h"),
    "pr_info": ("bpf_printk", "bpf/bpf_helpers.h"),
    **{f"{sign}{n}": (f"__{sign}{n}", "linux/types.h") for sign in "us" for n in (8, 16, 32, 64)},
    **{f"uint{n}_t": (f"__u{n}", "linux/types.h") for n in (8, 16, 32, 64)},
    **{f"int{n}_t": (f"__s{n}", "linux/types.h") for n in (8, 16, 32, 64)},
    "u_int8_t": ("__u8", "linux/types.h"),
    "uint": ("__u32", "linux/types.h"),
    "size_t": ("__u64", "linux/types.h"),
    "bool": ("bool", "stdbool.h"),
    "true": ("true", "stdbool.h"),
    "false": ("false", "stdbool.h"),
}
# Structures that programs name most: C wants `struct` before them.
STRUCTURES = frozenset(
    (
        *("__sk_buff", "xdp_md", "bpf_sock_ops", "bpf_sock", "bpf_sock_addr", "sk_msg_md", "bpf_sockopt"),
        *("bpf_sysctl", "bpf_sk_lookup", "bpf_perf_event_data", "bpf_spin_lock", "bpf_timer", "pt_regs"),
        *("ethhdr", "iphdr", "ipv6hdr", "tcphdr", "udphdr", "icmphdr", "icmp6hdr", "in6_addr", "sk_buff"),
        *("task_struct", "sock", "socket", "sockaddr_in", "sockaddr_in6", "file", "dentry", "inode", "path"),
        *("cred", "linux_binprm", "mm_struct", "vm_area_struct", "net_device", "request", "bio"),
    )
)
# Macros of the kernel's own headers that no header for programs has, as a program can define them.
KERNEL_MACROS: Mapping[str, str] = {
    "READ_ONCE": "READ_ONCE(x) (*(volatile typeof(x) *)&(x))",
    "WRITE_ONCE": "WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))",
    "likely": "likely(x) __builtin_expect(!!(x), 1)",
    "unlikely": "unlikely(x) __builtin_expect(!!(x), 0)",
    "min": "min(a, b) ((a) < (b) ? (a) : (b))",
    "max": "max(a, b) ((a) > (b) ? (a) : (b))",
    "min_t": "min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))",
    "max_t": "max_t(type, a, b) ((type)(a) > (type)(b) ? (type)(a) : (type)(b))",
    "ARRAY_SIZE": "ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))",
    "BIT": "BIT(n) (1UL << (n))",
    "BIT_ULL": "BIT_ULL(n) (1ULL << (n))",
    "container_of": (
        "container_of(ptr, type, member) ((type *)((void *)(ptr) - __builtin_offsetof(type, member)))"
    ),
    "IS_ERR_VALUE": "IS_ERR_VALUE(x) ((unsigned long)(x) >= (unsigned long)-4095)",
    "AF_UNIX": "AF_UNIX 1",
    "AF_INET": "AF_INET 2",
    "AF_INET6": "AF_INET6 10",
    "AF_NETLINK": "AF_NETLINK 16",
    "AF_PACKET": "AF_PACKET 17",
    "PF_INET": "PF_INET 2",
    "PF_INET6": "PF_INET6 10",
    "SOCK_STREAM": "SOCK_STREAM 1",
    "SOCK_DGRAM": "SOCK_DGRAM 2",
    "TASK_COMM_LEN": "TASK_COMM_LEN 16",
}
# What a macro of the kernel's stands for, written out.
WRITTEN_OUT: Mapping[str, str] = {
    "min": "a < b ? a : b",
    "max": "a > b ? a : b",
    "min_t": "(type)a < (type)b ? (type)a : (type)b",
    "max_t": "(type)a > (type)b ? (type)a : (type)b",
    "clamp": "x < low ? low : x > high ? high : x",
    "clamp_t": "x < low ? low : x > high ? high : x",
    "READ_ONCE": "*(volatile type *)&x",
    "WRITE_ONCE": "*(volatile type *)&x = value",
    "container_of": "(type *)((char *)ptr - offsetof(type, member))",
    "swap": "t = a; a = b; b = t",
    "BUILD_BUG_ON": '_Static_assert(!(condition), "why")',
    "DIV_ROUND_UP": "(n + d - 1) / d",
    "roundup": "(x + y - 1) / y * y",
    "abs": "x < 0 ? -x : x",
}


def where(name: str) -> Declared | None:
    """The header that declares `name` (a structure's with `struct`); None when none of ours does."""
    return _declared().get(name)


def clang_with(builtin: str) -> tuple[int, int | None] | None:
    """The first clang of ours that has the built-in, and the last that lacks it; None: no clang has it."""
    versions = [int(version) for version in _builtins()]
    for version, names in _builtins().items():
        if builtin in names:
            older = [each for each in versions if each < int(version)]
            return int(version), older[-1] if older else None
    return None


def newest_clang() -> int:
    """The newest clang whose built-ins are known."""
    return max(map(int, _builtins()))


@cache
def _declared() -> dict[str, Declared]:
    table = _read("declared_in")
    return {name: Declared(header, *row) for header, rows in table.items() for name, row in rows.items()}


@cache
def _builtins() -> dict[str, frozenset[str]]:
    return {version: frozenset(names) for version, names in _read("clang_builtins").items()}


def _read(name: str) -> dict[str, dict[str, list[str]]]:
    read: dict[str, dict[str, list[str]]] = json.loads((Path(__file__).parent / f"{name}.json").read_bytes())
    return read
