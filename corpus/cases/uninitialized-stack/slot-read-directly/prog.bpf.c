#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} totals SEC(".maps");

SEC("socket")
int sum_marks(struct __sk_buff *skb)
{
	volatile __u32 window[4];
	__u32 key = 0, sum;

	if (skb->len > 128)
		window[2] = skb->len;
	window[0] = skb->len;
	sum = window[0] + window[2]; /* expect: uninitialized-stack */ /* cause: not written on the other way */
	bpf_map_update_elem(&totals, &key, &sum, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
