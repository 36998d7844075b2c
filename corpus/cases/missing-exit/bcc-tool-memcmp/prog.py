#!/usr/bin/env python3
from bcc import BPF

PROGRAM = """
#include <uapi/linux/ptrace.h>
struct path { char text[96]; };
BPF_PERCPU_ARRAY(paths, struct path, 2);
BPF_HASH(same, u64, u64);

int on_rename(struct pt_regs *ctx)
{
    int zero = 0, one = 1;
    u64 id = bpf_get_current_pid_tgid();
    struct path *old = paths.lookup(&zero), *new = paths.lookup(&one);

    if (!old || !new)
        return 0;
    bpf_probe_read_user_str(old->text, sizeof(old->text), (void *)PT_REGS_PARM2(ctx));
    bpf_probe_read_user_str(new->text, sizeof(new->text), (void *)PT_REGS_PARM4(ctx));
    if (memcmp(old->text, new->text, sizeof(old->text)) == 0) /* expect: missing-exit */ /* cause: a call of memcmp */
        same.increment(id);
    return 0;
}
"""

BPF(text=PROGRAM).attach_kprobe(event="do_renameat2", fn_name="on_rename")
