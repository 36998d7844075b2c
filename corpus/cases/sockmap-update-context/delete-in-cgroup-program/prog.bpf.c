#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("cgroup_skb/egress")
int forget(struct __sk_buff *skb)
{
	__u32 key = skb->hash;

	bpf_map_delete_elem(&sockets, &key); /* expect: sockmap-update-context */ /* cause: not for this type of program */
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
