#include "shared.h"

struct bpf_iter_num {
	__u64 opaque[1];
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __attribute__((section(".ksyms")));
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __attribute__((section(".ksyms")));
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __attribute__((section(".ksyms")));

/* An open-coded iterator; the element is used as an index without a bound. */
SEC("tc")
int iterate(struct __sk_buff *skb)
{
	struct bpf_iter_num it;
	__u32 key = 3, sum = 0;
	struct flow *flow = bpf_map_lookup_elem(&flows, &key);
	int *at;

	if (!flow)
		return 0;
	bpf_iter_num_new(&it, 0, skb->len);
	while ((at = bpf_iter_num_next(&it))) {
		if (*at & 1)
			sum += flow->state;
		else if (*at == 12)
			sum += flow->history[*at];
		else if (sum > 100)
			sum += flow->history[*at & 31];
	}
	bpf_iter_num_destroy(&it);
	return sum;
}
