#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;

	if ((void *)(data + 1) <= end) /* cause: goes on when the packet is too short */
		return 0;
	return data[0] & 1; /* expect: packet-bounds */
}

char LICENSE[] SEC("license") = "GPL";
