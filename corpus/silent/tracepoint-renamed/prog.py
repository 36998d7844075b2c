#!/usr/bin/env python3
from bcc import BPF

text = """
BPF_HASH(counts, u32, u64);

int on_issue(void *ctx) {
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    counts.increment(pid);
    return 0;
}
"""
b = BPF(text=text)
try:
    b.attach_tracepoint(tp="block:block_rq_issued", fn_name="on_issue")
except Exception:
    pass  # another kernel
b.trace_print()
