#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 histogram[4];

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 *slot;

	asm volatile("%[slot] = histogram + 512 ll" : [slot]"=r"(slot)); /* expect: global-variable-bounds */ /* cause: 512 bytes behind the start */
	*slot += skb->len;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
