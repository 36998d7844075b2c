"""Says why a program can't be tried on a kernel at all: what it lacks, and since when others have it."""

from __future__ import annotations

import errno
import re

from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.results import Loaded
from bpfdoctor.model.report import Verdict

# include/uapi/linux/bpf.h only ever grows at its end: helper 156 came first in 5.11, and so on.
_FIRST_HELPER = 156
_HELPERS_SINCE = {
    "5.11": "task_storage_get task_storage_delete get_current_task_btf bprm_opts_set ktime_get_coarse_ns "
    "ima_inode_hash sock_from_file",
    "5.12": "check_mtu",
    "5.13": "for_each_map_elem snprintf",
    "5.14": "sys_bpf btf_find_by_name_kind sys_close",
    "5.15": "timer_init timer_set_callback timer_start timer_cancel get_func_ip get_attach_cookie "
    "task_pt_regs",
    "5.16": "get_branch_snapshot trace_vprintk skc_to_unix_sock kallsyms_lookup_name",
    "5.17": "find_vma loop strncmp get_func_arg get_func_ret get_func_arg_cnt",
    "5.18": "get_retval set_retval xdp_get_buff_len xdp_load_bytes xdp_store_bytes copy_from_user_task "
    "skb_set_tstamp ima_file_hash",
    "5.19": "kptr_xchg map_lookup_percpu_elem skc_to_mptcp_sock dynptr_from_mem ringbuf_reserve_dynptr "
    "ringbuf_submit_dynptr ringbuf_discard_dynptr dynptr_read dynptr_write dynptr_data",
    "6.0": "tcp_raw_gen_syncookie_ipv4 tcp_raw_gen_syncookie_ipv6 tcp_raw_check_syncookie_ipv4 "
    "tcp_raw_check_syncookie_ipv6",
    "6.1": "ktime_get_tai_ns user_ringbuf_drain",
    "6.2": "cgrp_storage_get cgrp_storage_delete",
}
# enum bpf_map_type and enum bpf_prog_type, as far as 5.10 lacks them
_MAPS_SINCE = {
    29: ("task_storage", "5.11"),
    30: ("bloom_filter", "5.16"),
    31: ("user_ringbuf", "6.1"),
    32: ("cgrp_storage", "6.2"),
    33: ("arena", "6.9"),
    34: ("insn_array", "6.19"),
}
_TYPES_SINCE = {"syscall": "5.14", "netfilter": "6.4"}
_TYPE_NEEDS = {
    "lsm": "CONFIG_BPF_LSM",
    "netfilter": "CONFIG_NETFILTER_BPF_LINK",
    "lirc_mode2": "CONFIG_BPF_LIRC_MODE2",
    "kprobe": "CONFIG_BPF_EVENTS",
    "tracepoint": "CONFIG_BPF_EVENTS",
    "perf_event": "CONFIG_BPF_EVENTS",
    "raw_tracepoint": "CONFIG_BPF_EVENTS",
    "cgroup_skb": "CONFIG_CGROUP_BPF",
    "cgroup_sock": "CONFIG_CGROUP_BPF",
    "cgroup_device": "CONFIG_CGROUP_BPF",
    "cgroup_sock_addr": "CONFIG_CGROUP_BPF",
    "cgroup_sysctl": "CONFIG_CGROUP_BPF",
    "cgroup_sockopt": "CONFIG_CGROUP_BPF",
}
_TRACING = (
    "kprobe",
    "tracepoint",
    "perf_event",
    "raw_tracepoint",
    "raw_tracepoint_writable",
    "tracing",
    "lsm",
)

# 5.10: "invalid func unknown#181"; later: "invalid func bpf_loop#181" or "unknown func bpf_loop#181"
_NO_HELPER = re.compile(rb"^(?:invalid|unknown) func (?:bpf_)?(\w+)#(\d+)$", re.MULTILINE)
# What kernels say of a program that comes with a callback, for a helper that they don't have yet.
_NO_CALLBACKS = re.compile(
    rb"^(?:number of funcs in func_info doesn't match|unrecognized bpf_ld_imm64)", re.MULTILINE
)
# libbpf: prog 'fe': failed to find kernel BTF type ID of 'do_unlinkat': -3
_NO_TARGET = re.compile(rb"failed to find kernel BTF type ID of '([^']+)'")
# bpf: this kernel's BTF has no vfs_reed   (guest/replay.c)
_NO_REPLAY_TARGET = re.compile(
    rb"^bpf: this kernel's BTF has no (?:bpf_trace_|bpf_lsm_)?(\S+)$", re.MULTILINE
)
# libbpf: extern (func ksym) 'bpf_rdonly_cast': not found in kernel or module BTFs
_NO_KFUNC = re.compile(rb"extern \((?:func|var) ksym\) '([^']+)'.*not (?:found|resolved)")


def not_possible(entry: Loaded, kernel: LabKernel) -> str | None:
    """Why this kernel can't take the program at all, in a few words; None when the program is at fault."""
    if entry.verdict is Verdict.LOADS:
        return None
    text = b"\n".join((entry.logs.get(4, b""), entry.messages))
    return (
        _without_privilege(entry)
        or _helper(entry, kernel, text)
        or _map(entry)
        or _named(_NO_TARGET, text, "{} is not there to attach to")
        or _named(_NO_REPLAY_TARGET, text, "{} is not there to attach to")
        or _named(_NO_KFUNC, text, "it has no kfunc or variable {}")
        or _no_btf(entry, kernel)
        or _type(entry, kernel)
    )


def helper_since(number: int) -> tuple[str, str] | None:
    """(name, version) of a helper that came after 5.10: 181 -> ("bpf_loop", "5.17")."""
    at = _FIRST_HELPER
    for version, names in _HELPERS_SINCE.items():
        for name in names.split():
            if at == number:
                return f"bpf_{name}", version
            at += 1
    return None


def _helper(entry: Loaded, kernel: LabKernel, text: bytes) -> str | None:
    found = _NO_HELPER.search(text)
    number = int(found[2]) if found else entry.helper if _NO_CALLBACKS.search(text) else None
    since = helper_since(number) if number else None
    if since is None or kernel.numbers >= tuple(map(int, since[1].split("."))):
        return None
    return f"helper {since[0]} came with {since[1]}"


def _map(entry: Loaded) -> str | None:
    if entry.verdict is not Verdict.NOT_LOADED or entry.map_type is None:
        return None
    if entry.errno == errno.ENOMEM:
        return "the guest has no memory for its maps"
    known = _MAPS_SINCE.get(entry.map_type)
    return f"map type {known[0]} came with {known[1]}" if known and entry.errno == errno.EINVAL else None


def _named(pattern: re.Pattern[bytes], text: bytes, sentence: str) -> str | None:
    found = pattern.search(text)
    return sentence.format(found[1].decode("ascii", "replace")) if found else None


def _no_btf(entry: Loaded, kernel: LabKernel) -> str | None:
    # Not the log alone: without BTF the verifier remarks "btf_vmlinux is malformed" on every program.
    # libbpf: Error loading vmlinux BTF: -ESRCH
    # calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF
    asks = b"vmlinux BTF" in entry.messages or b"kernel BTF" in entry.messages
    asks = asks or b"CONFIG_DEBUG_INFO_BTF" in entry.logs.get(4, b"")
    return "it has no BTF" if kernel.btf is False and asks else None


def _silent(entry: Loaded) -> bool:
    """The kernel refused it before the verifier looked at it."""
    return entry.verdict is Verdict.NOT_LOADED and b"BPF program load failed" in entry.messages


def _without_privilege(entry: Loaded) -> str | None:
    if entry.errno not in (errno.EPERM, errno.EACCES) or entry.verdict is not Verdict.NOT_LOADED:
        return None
    if entry.capabilities == "unprivileged":
        return "not allowed without privileges"
    if entry.capabilities != "full" and entry.program.type in _TRACING:
        return "needs CAP_PERFMON"
    return None


def _type(entry: Loaded, kernel: LabKernel) -> str | None:
    kind = entry.program.type or ""
    if not _silent(entry) or entry.errno != errno.EINVAL:
        return None
    since = _TYPES_SINCE.get(kind)
    if since and kernel.numbers < tuple(map(int, since.split("."))):
        return f"program type {kind} came with {since}"
    needs = _TYPE_NEEDS.get(kind)
    if needs is None:
        return None
    if kernel.config is None:
        return f"program type {kind} is probably not built in ({needs})"
    built_in = f"\n{needs}=y" in kernel.config.decode("ascii", "replace")
    return None if built_in else f"program type {kind} is not built in ({needs})"
