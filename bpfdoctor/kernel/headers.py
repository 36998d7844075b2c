"""Which of the kernel's headers defines a structure that tracing programs read: what BCC programs include.

A test compiles each with the headers that are here.
"""

from __future__ import annotations

from collections.abc import Mapping

# By the name without `struct`.
HEADERS: Mapping[str, str] = {
    "pt_regs": "uapi/linux/ptrace.h",
    "task_struct": "linux/sched.h",
    "signal_struct": "linux/sched/signal.h",
    "cred": "linux/cred.h",
    "pid": "linux/pid.h",
    "pid_namespace": "linux/pid_namespace.h",
    "nsproxy": "linux/nsproxy.h",
    "mm_struct": "linux/mm_types.h",
    "vm_area_struct": "linux/mm_types.h",
    "file": "linux/fs.h",
    "inode": "linux/fs.h",
    "super_block": "linux/fs.h",
    "kiocb": "linux/fs.h",
    "dentry": "linux/dcache.h",
    "path": "linux/path.h",
    "bio": "linux/bio.h",
    "sock": "net/sock.h",
    "inet_sock": "net/inet_sock.h",
    "tcp_sock": "linux/tcp.h",
    "sk_buff": "linux/skbuff.h",
    "net_device": "linux/netdevice.h",
    "net": "net/net_namespace.h",
    "msghdr": "linux/socket.h",
    "sockaddr_in": "linux/in.h",
    "sockaddr_in6": "linux/in6.h",
    "ethhdr": "linux/if_ether.h",
    "iphdr": "linux/ip.h",
    "ipv6hdr": "linux/ipv6.h",
    "tcphdr": "linux/tcp.h",
    "udphdr": "linux/udp.h",
    "bpf_perf_event_data": "uapi/linux/bpf_perf_event.h",
}


def header_of(type: str) -> str | None:
    """The header of `struct task_struct`; None when it is in no row."""
    kind, _, name = type.partition(" ")
    return HEADERS.get(name) if kind == "struct" else None
