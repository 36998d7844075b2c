from bcc import BPF

code = """
#include <uapi/linux/ptrace.h>
BPF_HASH(sums, u32);
int kprobe__%s(struct pt_regs *ctx)
{
    u64 p = PT_REGS_PARM1(ctx);
    u32 sum = 0;
    if (*(u32 *)p != 0) /* expect: probe-read-needed */ /* cause: a number as an address */
        sum += *(u32 *)(p + 4);
    sums.increment(sum);
    return 0;
}
"""
BPF(text=code % "vfs_read").trace_print()
