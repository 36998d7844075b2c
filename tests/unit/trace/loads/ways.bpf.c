// Loads; the verifier walks several paths of it, in two functions, and of a global one by itself.
#include "../programs/shared.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __attribute__((noinline)) __u64 grown(__u64 *count, __u32 by)
{
	if (by > 100)
		by = 100;
	*count += by;
	return *count;
}

__attribute__((noinline)) int verdict(__u32 many)
{
	return many > 1000 ? 0 : 1;
}

SEC("socket")
int ways(struct __sk_buff *skb)
{
	__u32 key = skb->mark & 7;
	__u64 *count = bpf_map_lookup_elem(&seen, &key);
	__u64 all = 0;

	if (!count)
		return 0;
	if (skb->len > 60)
		all = grown(count, skb->len);
	if (skb->protocol == 8)
		all++;
	return verdict(all);
}
