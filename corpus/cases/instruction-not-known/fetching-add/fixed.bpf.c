#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 tickets;

SEC("tc")
int take(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&tickets, 1); /* nobody looks at the old value: a plain atomic add */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
