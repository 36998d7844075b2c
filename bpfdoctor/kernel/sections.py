"""Which program type and which attach type a section's name means to libbpf."""

from __future__ import annotations

from collections.abc import Iterator

# Source: section_defs[], tools/lib/bpf/libbpf.c. The attach type is one of enum bpf_attach_type without BPF_,
# only where the kernel needs to know it to load or to attach the program.
_SECTIONS: dict[str, tuple[str, str]] = {
    "socket": ("socket_filter", ""),
    "sk_reuseport/migrate": ("sk_reuseport", "SK_REUSEPORT_SELECT_OR_MIGRATE"),
    "sk_reuseport": ("sk_reuseport", ""),
    "kprobe": ("kprobe", ""),
    "kretprobe": ("kprobe", ""),
    "uprobe": ("kprobe", ""),
    "uretprobe": ("kprobe", ""),
    "ksyscall": ("kprobe", ""),
    "kretsyscall": ("kprobe", ""),
    "usdt": ("kprobe", ""),
    "kprobe.multi": ("kprobe", "TRACE_KPROBE_MULTI"),
    "kretprobe.multi": ("kprobe", "TRACE_KPROBE_MULTI"),
    "kprobe.session": ("kprobe", "TRACE_KPROBE_SESSION"),
    "uprobe.multi": ("kprobe", "TRACE_UPROBE_MULTI"),
    "uretprobe.multi": ("kprobe", "TRACE_UPROBE_MULTI"),
    "uprobe.session": ("kprobe", "TRACE_UPROBE_SESSION"),
    "tc": ("sched_cls", ""),
    "tc/ingress": ("sched_cls", ""),
    "tc/egress": ("sched_cls", ""),
    "tcx/ingress": ("sched_cls", "TCX_INGRESS"),
    "tcx/egress": ("sched_cls", "TCX_EGRESS"),
    "netkit/primary": ("sched_cls", "NETKIT_PRIMARY"),
    "netkit/peer": ("sched_cls", "NETKIT_PEER"),
    "classifier": ("sched_cls", ""),
    "action": ("sched_act", ""),
    "tracepoint": ("tracepoint", ""),
    "tp": ("tracepoint", ""),
    "raw_tracepoint": ("raw_tracepoint", ""),
    "raw_tp": ("raw_tracepoint", ""),
    "raw_tracepoint.w": ("raw_tracepoint_writable", ""),
    "raw_tp.w": ("raw_tracepoint_writable", ""),
    "tp_btf": ("tracing", "TRACE_RAW_TP"),
    "fentry": ("tracing", "TRACE_FENTRY"),
    "fexit": ("tracing", "TRACE_FEXIT"),
    "fsession": ("tracing", "TRACE_FSESSION"),
    "fmod_ret": ("tracing", "MODIFY_RETURN"),
    "iter": ("tracing", "TRACE_ITER"),
    "freplace": ("ext", ""),
    "lsm": ("lsm", "LSM_MAC"),
    "lsm_cgroup": ("lsm", "LSM_CGROUP"),
    "syscall": ("syscall", ""),
    "xdp": ("xdp", ""),
    "xdp/devmap": ("xdp", "XDP_DEVMAP"),
    "xdp/cpumap": ("xdp", "XDP_CPUMAP"),
    "perf_event": ("perf_event", ""),
    "lwt_in": ("lwt_in", ""),
    "lwt_out": ("lwt_out", ""),
    "lwt_xmit": ("lwt_xmit", ""),
    "lwt_seg6local": ("lwt_seg6local", ""),
    "sockops": ("sock_ops", "CGROUP_SOCK_OPS"),
    "sk_skb": ("sk_skb", ""),
    "sk_skb/stream_parser": ("sk_skb", "SK_SKB_STREAM_PARSER"),
    "sk_skb/stream_verdict": ("sk_skb", "SK_SKB_STREAM_VERDICT"),
    "sk_skb/verdict": ("sk_skb", "SK_SKB_VERDICT"),
    "sk_msg": ("sk_msg", "SK_MSG_VERDICT"),
    "lirc_mode2": ("lirc_mode2", "LIRC_MODE2"),
    "flow_dissector": ("flow_dissector", "FLOW_DISSECTOR"),
    "cgroup_skb/ingress": ("cgroup_skb", "CGROUP_INET_INGRESS"),
    "cgroup_skb/egress": ("cgroup_skb", "CGROUP_INET_EGRESS"),
    "cgroup/skb": ("cgroup_skb", ""),
    "cgroup/sock_create": ("cgroup_sock", "CGROUP_INET_SOCK_CREATE"),
    "cgroup/sock_release": ("cgroup_sock", "CGROUP_INET_SOCK_RELEASE"),
    "cgroup/sock": ("cgroup_sock", "CGROUP_INET_SOCK_CREATE"),
    "cgroup/post_bind4": ("cgroup_sock", "CGROUP_INET4_POST_BIND"),
    "cgroup/post_bind6": ("cgroup_sock", "CGROUP_INET6_POST_BIND"),
    **{
        f"cgroup/{what.lower()}{ip}": ("cgroup_sock_addr", f"CGROUP_{before}{ip}_{what}")
        for before, whats in (
            ("INET", ("BIND", "CONNECT", "GETPEERNAME", "GETSOCKNAME")),
            ("UDP", ("SENDMSG", "RECVMSG")),
        )
        for what in whats
        for ip in "46"
    },
    **{
        f"cgroup/{what.lower()}_unix": ("cgroup_sock_addr", f"CGROUP_UNIX_{what}")
        for what in ("CONNECT", "SENDMSG", "RECVMSG", "GETPEERNAME", "GETSOCKNAME")
    },
    "cgroup/sysctl": ("cgroup_sysctl", "CGROUP_SYSCTL"),
    "cgroup/getsockopt": ("cgroup_sockopt", "CGROUP_GETSOCKOPT"),
    "cgroup/setsockopt": ("cgroup_sockopt", "CGROUP_SETSOCKOPT"),
    "cgroup/dev": ("cgroup_device", "CGROUP_DEVICE"),
    "struct_ops": ("struct_ops", ""),
    "sk_lookup": ("sk_lookup", "SK_LOOKUP"),
    "netfilter": ("netfilter", "NETFILTER"),
}
_PARTS = (".s", ".frags")  # after the first word: sleeps; takes packets in several buffers


def meaning(section: str) -> tuple[str, str, frozenset[str]] | None:
    """(program type, attach type or "", what of `s`, `frags`); None where libbpf knows no such name."""
    for name, says in _readings(section.removeprefix("?")):
        if name in _SECTIONS:
            return *_SECTIONS[name], says
    return None


def _readings(section: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The name as it is and without what follows a slash, each also without `.s` and `.frags`."""
    words = section.split("/")
    for count in range(min(len(words), 2), 0, -1):
        head, *rest = words[:count]
        yield "/".join((head, *rest)), frozenset()
        for part in _PARTS:
            if head.endswith(part):
                yield "/".join((head.removesuffix(part), *rest)), frozenset({part[1:]})
