#include <uapi/linux/ptrace.h>
#include "flow.h"

#define BUCKET(flow) (hashed(&(flow)) & 63)

BPF_ARRAY(buckets, u64, 64);

static inline u32 hashed(struct flow *flow)
{
	u32 hash = flow->port;

	for (int i = 0; i < 4; i++)
		hash = hash * 33 + (flow->address >> (8 * i) & 0xff);
	return hash;
}

int kprobe__tcp_close(struct pt_regs *ctx)
{
	struct flow flow = {.address = PT_REGS_PARM2(ctx), .port = 80};
	int slot = BUCKET(flow);

	buckets.increment(slot);
	return 0;
}
