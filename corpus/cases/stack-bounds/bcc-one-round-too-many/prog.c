#include <uapi/linux/ptrace.h>
#define LEN 64

BPF_HISTOGRAM(hashes);

int kprobe__do_exit(struct pt_regs *ctx)
{
	char buf[LEN];
	u32 h = 0;

	bpf_get_current_comm(&buf, sizeof(buf));
	for (int i = 0; i <= LEN; i++)
		h = h * 31 + buf[i]; /* expect: stack-bounds */ /* cause: the bound is one too large */
	hashes.increment(h & 63);
	return 0;
}
