#!/usr/bin/env python3
import sys
from time import sleep

from bcc import BPF

text = """
BPF_HASH(calls, u32, u64);

int on_lookup(struct pt_regs *ctx) {
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    calls.increment(pid);
    return 0;
}
"""
b = BPF(text=text)
b.attach_uprobe(name="c", sym="getaddrinfo", fn_name="on_lookup", pid=int(sys.argv[1]))
sleep(5)
for pid, n in b["calls"].items():
    print(pid.value, n.value)
