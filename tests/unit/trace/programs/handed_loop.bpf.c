#include "shared.h"

struct sums {
	__u64 first;
	__u64 second;
};

static long add(__u32 index, struct sums *sums)
{
	sums->first += index;
	sums[2].second += index; /* behind the one that was given */
	return 0;
}

SEC("tc")
int handed_loop(struct __sk_buff *skb)
{
	struct sums sums = {};

	bpf_loop(skb->len, add, &sums, 0);
	return sums.first > 7;
}
