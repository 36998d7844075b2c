#!/usr/bin/env python3
from bcc import BPF

text = """
#include <uapi/linux/ptrace.h>

struct query_t {
    u64 when;
    u32 pid;
    char query[600];
};
BPF_PERF_OUTPUT(queries);

BPF_PERCPU_ARRAY(q_memory, struct query_t, 1);

int query_start(struct pt_regs *ctx)
{
    u32 q_key = 0;
    struct query_t *q = q_memory.lookup(&q_key);

    if (!q)
        return 0;
    __builtin_memset(q, 0, sizeof(*q));

    q->when = bpf_ktime_get_ns();
    q->pid = bpf_get_current_pid_tgid() >> 32;
    bpf_probe_read_user(&q->query, sizeof(q->query), (void *)PT_REGS_PARM1(ctx));
    queries.perf_submit(ctx, q, sizeof(*q));
    return 0;
}
"""

b = BPF(text=text)
b.attach_uprobe(name="c", sym="getenv", fn_name="query_start")
