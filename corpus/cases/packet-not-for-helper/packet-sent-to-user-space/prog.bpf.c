#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

SEC("tc")
int copy_header(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;

	if (data + 14 > end)
		return 0;
	bpf_perf_event_output(skb, &events, BPF_F_CURRENT_CPU, data, 14); /* expect: packet-not-for-helper */ /* cause: takes no packet memory */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
