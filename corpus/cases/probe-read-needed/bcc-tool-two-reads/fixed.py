from bcc import BPF

code = """
#include <uapi/linux/ptrace.h>
BPF_HASH(sums, u32);
int kprobe__%s(struct pt_regs *ctx)
{
    u64 p = PT_REGS_PARM1(ctx);
    u32 sum = 0;
    u32 value = 0;

    bpf_probe_read_kernel(&value, sizeof(value), (u32 *)p);
    if (value != 0) {
        u32 value2 = 0;

        bpf_probe_read_kernel(&value2, sizeof(value2), (u32 *)(p + 4));
        sum += value2;
    }
    sums.increment(sum);
    return 0;
}
"""
BPF(text=code % "vfs_read").trace_print()
