#!/usr/bin/env python3
"""Counts the forks of each parent."""
from bcc import BPF

TEXT = r"""
#include <uapi/linux/ptrace.h>

BPF_HASH(forks, u32, u64);

int on_fork(struct pt_regs *ctx)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    u32 parent = task->real_parent->tgid; /* expect: type-not-defined */ /* cause: the header is missing */

    forks.increment(parent);
    return 0;
}
"""

b = BPF(text=TEXT)
b.attach_kprobe(event="wake_up_new_task", fn_name="on_fork")
