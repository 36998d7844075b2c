/* The packet may move between the check and the use of the pointer as an argument. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int sum(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (data + 4 > end)
		return 0;
	bpf_skb_pull_data(skb, 4);
	return bpf_csum_diff(0, 0, data, 4, 0);
}

char LICENSE[] SEC("license") = "GPL";
