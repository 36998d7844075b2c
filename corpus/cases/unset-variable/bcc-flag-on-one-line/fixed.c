#include <uapi/linux/ptrace.h>
BPF_HASH(opens, u64, u64);
int on_open(struct pt_regs *ctx) { u64 writes = 0; if (PT_REGS_PARM3(ctx) & 1) writes = 1; opens.increment(writes); return 0; }
