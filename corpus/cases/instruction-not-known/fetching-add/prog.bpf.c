#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 tickets;

SEC("tc")
int take(struct __sk_buff *skb)
{
	return __sync_fetch_and_add(&tickets, 1) & 1; /* expect: instruction-not-known */ /* cause: newer than the kernel */
}

char LICENSE[] SEC("license") = "GPL";
