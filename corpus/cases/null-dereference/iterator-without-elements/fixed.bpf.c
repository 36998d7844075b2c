#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

int last;

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_iter_num numbers;
	int *number;

	bpf_iter_num_new(&numbers, 2, 10);
	number = bpf_iter_num_next(&numbers);
	if (number)
		last = *number;
	bpf_iter_num_destroy(&numbers);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
