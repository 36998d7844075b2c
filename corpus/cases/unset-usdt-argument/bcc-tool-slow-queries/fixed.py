#!/usr/bin/env python3
"""Says which queries of a MySQL server take long."""
import sys

from bcc import BPF, USDT

TEXT = """
#include <uapi/linux/ptrace.h>

BPF_HASH(queries, u64, u64);

int query_start(struct pt_regs *ctx) {
    u64 id = 0;

    bpf_usdt_readarg(2, ctx, &id);
    u64 now = bpf_ktime_get_ns();
    queries.update(&id, &now);
    return 0;
}
"""

u = USDT(pid=int(sys.argv[1]))
u.enable_probe(probe="query__start", fn_name="query_start")
b = BPF(text=TEXT, usdt_contexts=[u])
