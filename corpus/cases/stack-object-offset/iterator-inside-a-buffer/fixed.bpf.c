#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

SEC("tc")
int count(struct __sk_buff *skb)
{
	char buf[32] __attribute__((aligned(8)));
	void *it = buf + 8;
	int sum = 0, *n;

	bpf_iter_num_new(it, 0, 10);
	while ((n = bpf_iter_num_next(it)))
		sum += *n;
	bpf_iter_num_destroy(it);
	return sum > 100;
}

char LICENSE[] SEC("license") = "GPL";
