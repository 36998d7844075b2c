#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("flow_dissector")
int dissect(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;

	*(__u32 *)(keys + 1) = 0; /* expect: flow-keys-bounds */ /* cause: behind the structure */
	return BPF_OK;
}

char LICENSE[] SEC("license") = "GPL";
