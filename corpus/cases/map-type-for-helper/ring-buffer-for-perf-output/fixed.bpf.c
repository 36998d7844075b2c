#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u32 length = skb->len;

	bpf_perf_event_output(skb, &events, BPF_F_CURRENT_CPU, &length, sizeof(length));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
