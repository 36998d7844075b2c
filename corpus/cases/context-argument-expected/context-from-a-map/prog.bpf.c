#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct __sk_buff);
} saved SEC(".maps");

__attribute__((noinline)) int length(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("tc")
int measure(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct __sk_buff *old = bpf_map_lookup_elem(&saved, &zero);

	return old ? length(old) : 0; /* expect: context-argument-expected */ /* cause: a map value, not the context */
}

char LICENSE[] SEC("license") = "GPL";
