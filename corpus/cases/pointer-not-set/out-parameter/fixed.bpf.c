#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

int enabled;

static __attribute__((noinline)) int find(__u32 mark, __u64 **counter)
{
	if (!enabled)
		return -1;
	*counter = bpf_map_lookup_elem(&packets, &mark);
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 *counter = 0;

	find(skb->mark, &counter);
	if (counter)
		*counter += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
