#!/usr/bin/env python3
from bcc import BPF

program = r"""
BPF_HISTOGRAM(lengths);

int named(void *ctx) {
    char comm[16];
    bpf_get_current_comm(comm, sizeof(comm));
    u32 n = strlen(comm); /* expect: missing-exit */ /* cause: a call of strlen */
    lengths.increment(n);
    return 0;
}
"""

b = BPF(text=program)
b.attach_kprobe(event=b.get_syscall_fnname("clone"), fn_name="named")
