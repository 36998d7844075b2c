/* The upper half of the peer's IPv6 address is the key. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} networks SEC(".maps");

SEC("sockops")
int on_open(struct bpf_sock_ops *ops)
{
	__u64 network, one = 1;

	if (ops->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		return 1;
	network = (__u64)ops->remote_ip6[1] << 32 | ops->remote_ip6[0];
	bpf_map_update_elem(&networks, &network, &one, BPF_ANY);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
