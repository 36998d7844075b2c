#!/usr/bin/env python3
from bcc import BPF

b = BPF(text="""
#include <uapi/linux/ptrace.h>
BPF_HASH(counts, u32, u64);

static inline bool
wanted(u32 pid)
{
    u32 i, hash = pid;
    for (i = 0; i < 16; i++)
        hash = hash * 31 + (pid >> i);
    return hash % 4 == 0;
}

int count(void *ctx)
{
    u32 pid = bpf_get_current_pid_tgid();
    if (wanted(pid))
        counts.increment(pid);
    return 0;
}
""")
b.attach_kprobe(event="vfs_fsync", fn_name="count")
