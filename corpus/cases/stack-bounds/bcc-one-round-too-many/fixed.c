#include <uapi/linux/ptrace.h>
#define LEN 64

BPF_HISTOGRAM(hashes);

int kprobe__do_exit(struct pt_regs *ctx)
{
	char buf[LEN];
	u32 h = 0;

	bpf_get_current_comm(&buf, sizeof(buf));
	for (int i = 0; i < sizeof(buf); i++)
		h = h * 31 + buf[i];
	hashes.increment(h & 63);
	return 0;
}
