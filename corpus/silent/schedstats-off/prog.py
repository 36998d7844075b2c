#!/usr/bin/env python3
from time import sleep

from bcc import BPF

text = """
BPF_HASH(sleeps, u32, u64);

int on_sleep(void *ctx) {
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    sleeps.increment(pid);
    return 0;
}
"""
b = BPF(text=text)
b.attach_tracepoint(tp="sched:sched_stat_sleep", fn_name="on_sleep")
sleep(5)
print(len(b["sleeps"]), "processes slept")
