#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, __u64);
} packets SEC(".maps");

SEC("cgroup_skb/egress")
int count(struct __sk_buff *skb)
{
	__u64 *value = bpf_get_local_storage(&packets, 1); /* expect: local-storage-flags */ /* cause: flags must be 0 */

	*value += 1;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
