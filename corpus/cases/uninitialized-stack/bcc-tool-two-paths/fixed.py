#!/usr/bin/env python3
import argparse

from bcc import BPF

parser = argparse.ArgumentParser(description="Who forks")
parser.add_argument("-p", "--pid", type=int, default=0)
args = parser.parse_args()

text = """
#include <uapi/linux/ptrace.h>
struct data_t { u32 pid; u32 parent; char comm[6]; };
BPF_PERF_OUTPUT(forks);

int forked(struct pt_regs *ctx) {
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct data_t data = {0};

    if (FILTER)
        return 0;
    data.pid = pid;
    data.parent = PT_REGS_RC(ctx);
    if (data.parent > 1)
        bpf_get_current_comm(&data.comm, sizeof(data.comm));
    forks.perf_submit(ctx, &data, sizeof(data));
    return 0;
}
"""
text = text.replace("FILTER", f"pid != {args.pid}" if args.pid else "0")
b = BPF(text=text)
b.attach_kretprobe(event="kernel_clone", fn_name="forked")
