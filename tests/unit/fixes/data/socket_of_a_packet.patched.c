#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} sent SEC(".maps");

SEC("cgroup_skb/egress")
int out(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk; /* may be none */
	if (!sk)
		return 1;
	__u64 *n = bpf_sk_storage_get(&sent, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	return n && *n > 3 ? 0 : 1;
}

char LICENSE[] SEC("license") = "GPL";
