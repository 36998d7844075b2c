#!/usr/bin/env python3
from bcc import BPF

source = """
#include <uapi/linux/ptrace.h>

typedef struct latency_key {
    u8 op;
    u64 slot;
} latency_key_t;

BPF_HISTOGRAM(latency, latency_key_t);

static __always_inline void add(u8 op, u64 spent)
{
    latency_key_t key = {0};

    key.op = op;
    key.slot = bpf_log2l(spent);
    latency.increment(key);
}

int after_sync(struct pt_regs *ctx)
{
    add(2, PT_REGS_RC(ctx));
    return 0;
}
"""

b = BPF(text=source)
b.attach_kretprobe(event="vfs_fsync_range", fn_name="after_sync")
