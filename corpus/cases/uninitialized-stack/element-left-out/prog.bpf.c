#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u32 address[4];

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, address);
	__type(value, __u32);
} seen SEC(".maps");

SEC("tc")
int remember_address(struct __sk_buff *skb)
{
	__u32 key[4], v = 1;

	key[0] = skb->len;
	key[2] = skb->mark;
	bpf_map_update_elem(&seen, key, &v, 0); /* expect: uninitialized-stack */ /* cause: key[1] was never written */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
