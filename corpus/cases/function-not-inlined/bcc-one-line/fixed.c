#include <uapi/linux/ptrace.h>
BPF_HISTOGRAM(waits);
static inline u64 to_ms(u64 ns) { u64 ms = 0; while (ns >= 1000000 && ms < 64) { ns -= 1000000; ms++; } return ms; }
int waited(struct pt_regs *ctx) { u64 ms = to_ms(PT_REGS_RC(ctx)); waits.increment(ms); return 0; }
