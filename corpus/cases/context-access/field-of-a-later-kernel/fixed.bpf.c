#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MANAGEMENT_ADDRESS 0x0a00000a /* 10.0.0.10, where only administrators come in */

SEC("sk_lookup")
int admit(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port == 22 && ctx->local_ip4 != MANAGEMENT_ADDRESS)
		return SK_DROP;
	return SK_PASS;
}

char LICENSE[] SEC("license") = "GPL";
