#!/usr/bin/env python3
"""Counts reads, large ones twice."""
from bcc import BPF

TEXT = r"""
#include <uapi/linux/ptrace.h>

BPF_HASH(reads, u32, u64);

int on_read(struct pt_regs *ctx)
{
    u64 weight;
    u32 pid = bpf_get_current_pid_tgid() >> 32;

    if (PT_REGS_PARM3(ctx) > 4096) /* expect: unset-variable */ /* cause: not set otherwise */
        weight = 2;
    reads.increment(pid, weight);
    return 0;
}
"""

b = BPF(text=TEXT)
b.attach_kprobe(event="vfs_read", fn_name="on_read")
