#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long mix(__u32 i, __u32 *hash)
{
	*hash = *hash * 33 + i;
	return 0;
}

SEC("tc")
int hash_mark(struct __sk_buff *skb)
{
	__u32 hash = skb->mark;

	bpf_loop(100, mix, &hash, 0); /* expect: unknown-helper */ /* cause: newer than the kernel */
	return hash & 1;
}

char LICENSE[] SEC("license") = "GPL";
