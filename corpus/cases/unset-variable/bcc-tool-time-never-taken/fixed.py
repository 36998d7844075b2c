#!/usr/bin/env python3
"""Counts which process sleeps, and since when."""
from bcc import BPF

TEXT = r"""
#include <uapi/linux/ptrace.h>

struct key_t {
    u64 when;
    u32 pid;
    u32 spare;
};

BPF_HASH(sleeping, struct key_t, u64);

int on_sleep(struct pt_regs *ctx)
{
    u64 now = 0;
    struct key_t key = {};

    key.pid = bpf_get_current_pid_tgid() >> 32;
    key.when = now;
    sleeping.increment(key);
    return 0;
}
"""

b = BPF(text=TEXT)
b.attach_kprobe(event="do_nanosleep", fn_name="on_sleep")
