#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int both(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	void *middle = data;

	return middle + 1 > end;
}

char LICENSE[] SEC("license") = "GPL";
