#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int mark(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;

	if ((void *)(data + 2) > end)
		return 1;
	data[1] = 0x10; /* expect: packet-read-only */ /* cause: may only be read */
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
