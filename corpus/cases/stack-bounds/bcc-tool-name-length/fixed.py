#!/usr/bin/env python3
from bcc import BPF

prog = """
#include <uapi/linux/ptrace.h>

BPF_HASH(lengths, u32, u32);

int on_open(struct pt_regs *ctx)
{
    char name[SIZE];
    u32 n = 0, pid = bpf_get_current_pid_tgid();

    bpf_probe_read_user_str(name, sizeof(name), (void *)PT_REGS_PARM2(ctx));
    while (n < sizeof(name) && name[n])
        n++;
    lengths.update(&pid, &n);
    return 0;
}
""".replace("SIZE", "64")
b = BPF(text=prog)
b.attach_kprobe(event="do_sys_openat2", fn_name="on_open")
b.trace_print()
