/* Ports of TCP are kept in one word of the context, those of others in another. */
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} ports SEC(".maps");

static __always_inline __u32 which(struct bpf_sk_lookup *ctx)
{
	if (ctx->protocol == IPPROTO_TCP)
		return ctx->local_port;
	return ctx->ingress_ifindex;
}

SEC("sk_lookup")
int pick(struct bpf_sk_lookup *ctx)
{
	__u32 key = which(ctx);
	__u64 one = 1;

	bpf_map_update_elem(&ports, &key, &one, BPF_ANY);
	return SK_PASS;
}

char LICENSE[] SEC("license") = "GPL";
