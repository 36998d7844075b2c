#!/usr/bin/env python3
from bcc import BPF

program = r"""
BPF_HISTOGRAM(lengths);

int named(void *ctx) {
    char comm[16];
    bpf_get_current_comm(comm, sizeof(comm));
    unsigned int length = 0;

    while (length < sizeof(comm) && comm[length])
        length++;
    u32 n = length;
    lengths.increment(n);
    return 0;
}
"""

b = BPF(text=program)
b.attach_kprobe(event=b.get_syscall_fnname("clone"), fn_name="named")
