#!/usr/bin/env python3
from bcc import BPF

text = """
#include <uapi/linux/ptrace.h>
struct key { u32 device; u8 writes; u64 sector; };
BPF_HASH(issued, struct key, u64);

int on_issue(struct pt_regs *ctx, u32 device, u64 sector) {
    struct key k = {0};
    u64 now = bpf_ktime_get_ns();
    k.device = device; k.sector = sector;
    issued.update(&k, &now);
    return 0;
}
"""

b = BPF(text=text)
b.attach_kprobe(event="blk_mq_start_request", fn_name="on_issue")
