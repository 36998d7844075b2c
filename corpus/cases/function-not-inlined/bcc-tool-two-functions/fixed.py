#!/usr/bin/env python3
from bcc import BPF

text = r"""
#include <uapi/linux/ptrace.h>
BPF_HISTOGRAM(dist);

static inline u64 scaled(u64 n) { return n / 1000; }

static inline int add(u64 n, int more) {
    int slot = bpf_log2l(scaled(n)) + more;
    dist.increment(slot);
    return slot;
}

int done(struct pt_regs *ctx) {
    add(PT_REGS_RC(ctx), 1);
    return 0;
}
"""
b = BPF(text=text)
b.attach_kretprobe(event="do_sys_poll", fn_name="done")
