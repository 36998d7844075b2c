#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

static long age(void *map, __u32 *key, __u64 *value, void *arg)
{
	*key += 1; /* expect: map-key-read-only */ /* cause: keys may only be read */
	return 0;
}

SEC("tc")
int walk(struct __sk_buff *skb)
{
	bpf_for_each_map_elem(&flows, age, 0, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
