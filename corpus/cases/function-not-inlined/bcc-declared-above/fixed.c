#include <uapi/linux/ptrace.h>

struct seen_t {
	u64 count;
	u64 bytes;
};

BPF_HASH(by_pid, u32, struct seen_t);

static inline void account(struct seen_t *seen, u64 bytes);

int kprobe__tcp_sendmsg(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct seen_t zero = {}, *seen = by_pid.lookup_or_try_init(&pid, &zero);

	if (seen)
		account(seen, PT_REGS_PARM3(ctx));
	return 0;
}

static inline void account(struct seen_t *seen, u64 bytes)
{
	seen->count++;
	seen->bytes += bytes;
}
