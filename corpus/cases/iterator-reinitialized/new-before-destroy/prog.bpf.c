#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

int sum;

SEC("tc")
int add(struct __sk_buff *skb)
{
	int *n;
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 10);
	while ((n = bpf_iter_num_next(&it)))
		sum += *n;
	bpf_iter_num_new(&it, 10, 20); /* expect: iterator-reinitialized */ /* cause: still in use */
	while ((n = bpf_iter_num_next(&it)))
		sum -= *n;
	bpf_iter_num_destroy(&it);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
