#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	struct __sk_buff copy = { .len = skb->len };
	char byte = 0;

	bpf_dynptr_from_skb(skb, 0, &packet);
	bpf_dynptr_read(&byte, 1, &packet, 0, 0);
	return byte;
}

char LICENSE[] SEC("license") = "GPL";
