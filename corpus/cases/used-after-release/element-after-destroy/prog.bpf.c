#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

int found;

SEC("raw_tp/sys_enter")
int pick(void *ctx)
{
	struct bpf_iter_num it;
	int *first;

	bpf_iter_num_new(&it, 3, 10);
	first = bpf_iter_num_next(&it);
	bpf_iter_num_destroy(&it); /* cause: what the iterator gave ends with it */
	if (first)
		found = *first; /* expect: used-after-release */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
