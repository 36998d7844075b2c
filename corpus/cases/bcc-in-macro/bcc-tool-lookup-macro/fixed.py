#!/usr/bin/env python3
"""Counts reads and writes by process."""
from bcc import BPF

TEXT = r"""
#include <uapi/linux/ptrace.h>

BPF_HASH(reads, u32, u64);
BPF_HASH(writes, u32, u64);

#define ADD(map, n) map.increment(bpf_get_current_pid_tgid() >> 32, n)

int on_read(struct pt_regs *ctx)
{
    reads.increment(bpf_get_current_pid_tgid() >> 32, PT_REGS_PARM3(ctx));
    return 0;
}

int on_write(struct pt_regs *ctx)
{
    writes.increment(bpf_get_current_pid_tgid() >> 32);
    return 0;
}
"""

b = BPF(text=TEXT)
b.attach_kprobe(event="vfs_read", fn_name="on_read")
b.attach_kprobe(event="vfs_write", fn_name="on_write")
