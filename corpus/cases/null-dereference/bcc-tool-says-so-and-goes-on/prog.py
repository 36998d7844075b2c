#!/usr/bin/env python3
"""Prints how long each sleep took."""
from bcc import BPF

TEXT = r"""
#include <uapi/linux/ptrace.h>

BPF_HASH(begun, u32, u64);

int on_sleep(struct pt_regs *ctx)
{
    u32 tid = bpf_get_current_pid_tgid();
    u64 *start = begun.lookup(&tid);

    if (start == NULL) /* cause: nothing leaves where it is NULL */
        bpf_trace_printk("%d was asleep before\n", tid);
    bpf_trace_printk("%lld ns\n", bpf_ktime_get_ns() - *start); /* expect: null-dereference */
    return 0;
}
"""

b = BPF(text=TEXT)
b.attach_kretprobe(event="do_nanosleep", fn_name="on_sleep")
