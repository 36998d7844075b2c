#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, __u64);
} allowed SEC(".maps");

SEC("tc")
int allow(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	__u64 one = 1;

	bpf_map_update_elem(&allowed, &key, &one, BPF_ANY); /* expect: map-read-only */ /* cause: may only be read */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
