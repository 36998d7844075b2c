#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 limit = 10;

SEC("tc")
int raise_limit(struct __sk_buff *skb)
{
	*(volatile __u32 *)&limit = skb->len; /* expect: map-read-only */ /* cause: may only be read */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
