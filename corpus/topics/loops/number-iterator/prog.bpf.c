#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num {
	__u64 opaque[1];
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __attribute__((section(".ksyms")));
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __attribute__((section(".ksyms")));
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __attribute__((section(".ksyms")));

SEC("raw_tp/sched_switch")
int total(struct bpf_raw_tracepoint_args *ctx)
{
	struct bpf_iter_num it;
	int *round, sum = 0;

	/* bpf_for(round, 0, 1000000) of bpf_helpers.h */
	bpf_iter_num_new(&it, 0, 1000000);
	while ((round = bpf_iter_num_next(&it)))
		sum += *round;
	bpf_iter_num_destroy(&it);
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
