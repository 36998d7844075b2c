#!/usr/bin/env python3
"""Prints a line for every process that is made."""
from bcc import BPF

TEXT = r"""
#include <uapi/linux/ptrace.h>

int on_clone(struct pt_regs *ctx)
{
    const char *what = "cloned";
    u32 pid = bpf_get_current_pid_tgid() >> 32;

    bpf_trace_printk("%d %s\n", pid, what); /* expect: address-not-filled-in */ /* cause: not loaded */
    return 0;
}
"""

b = BPF(text=TEXT)
b.attach_kprobe(event=b.get_syscall_fnname("clone"), fn_name="on_clone")
