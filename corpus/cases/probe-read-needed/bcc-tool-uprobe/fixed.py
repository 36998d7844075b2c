#!/usr/bin/env python3
from bcc import BPF

b = BPF(text="""
#include <uapi/linux/ptrace.h>
#define LENGTH OFFSET

BPF_HASH(lengths, u32);

int on_query(struct pt_regs *ctx)
{
    u64 packet = PT_REGS_PARM2(ctx);
    u32 length = 0;
    bpf_probe_read_user(&length, sizeof(length), (u32 *)(packet + LENGTH));

    lengths.increment(length);
    return 0;
}
""".replace("OFFSET", "8"))
b.attach_uprobe(name="/usr/sbin/mysqld", sym="dispatch_command", fn_name="on_query")
b.trace_print()
