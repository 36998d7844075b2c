/* The last word of the peer's address, whatever the family. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} peers SEC(".maps");

SEC("sockops")
int on_open(struct bpf_sock_ops *ops)
{
	__u32 key;
	__u64 one = 1;

	if (ops->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (ops->family == 2)
		key = ops->remote_ip4;
	else
		key = ops->remote_ip6[3];
	bpf_map_update_elem(&peers, &key, &one, BPF_ANY);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
