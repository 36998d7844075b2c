#!/usr/bin/env python3
from time import sleep

from bcc import BPF

text = """
BPF_HASH(started, u32, u64);

int on_start(struct pt_regs *ctx) {
    u32 cpu = bpf_get_smp_processor_id();
    started.increment(cpu);
    return 0;
}
"""
b = BPF(text=text)
b.attach_kprobe(event="blk_account_io_start", fn_name="on_start")
sleep(5)
print(sum(n.value for n in b["started"].values()), "requests")
