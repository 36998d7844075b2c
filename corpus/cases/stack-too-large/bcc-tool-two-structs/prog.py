#!/usr/bin/env python3
from bcc import BPF

b = BPF(text=r"""
#include <uapi/linux/ptrace.h>
struct name { char text[300]; };
BPF_PERF_OUTPUT(renames);
int renamed(struct pt_regs *ctx) {
    struct name from = {}, to = {}; /* expect: stack-too-large */ /* cause: twice 300 bytes */
    bpf_probe_read_user(&from, sizeof(from), (void *)PT_REGS_PARM1(ctx));
    bpf_probe_read_user(&to, sizeof(to), (void *)PT_REGS_PARM2(ctx));
    renames.perf_submit(ctx, &from, sizeof(from));
    renames.perf_submit(ctx, &to, sizeof(to));
    return 0;
}
""")
b.attach_uprobe(name="c", sym="rename", fn_name="renamed")
