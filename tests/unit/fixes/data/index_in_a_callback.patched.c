#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ROUNDS 8

struct sums {
	__u64 values[ROUNDS];
};

static long add(__u32 i, struct sums *sums)
{
	if (i >= ROUNDS)
		return 0;
	sums->values[i] = i;
	return 0;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	struct sums sums = {};

	bpf_loop(ROUNDS, add, &sums, 0);
	return sums.values[1] ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
