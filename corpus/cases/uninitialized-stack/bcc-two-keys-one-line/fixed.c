#include <uapi/linux/ptrace.h>
typedef struct { u32 port; u64 address; } peer_t;
BPF_HASH(opened, peer_t, u64); BPF_HASH(closed, peer_t, u64);

int on_connect(struct pt_regs *ctx)
{
	peer_t first = {}, second = {0};
	u64 now = bpf_ktime_get_ns();
	second.port = 80; second.address = PT_REGS_PARM3(ctx);
	opened.insert(&first, &now); closed.insert(&second, &now);
	return 0;
}
