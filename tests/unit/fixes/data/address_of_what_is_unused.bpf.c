#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

SEC("tc")
int note(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 bytes = 0, now = 0;

	bpf_skb_load_bytes(skb, 0, &bytes, sizeof(bytes));
	now = bpf_ktime_get_ns();
	skb->mark = now;
	bpf_map_update_elem(&last, &zero, 0, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
