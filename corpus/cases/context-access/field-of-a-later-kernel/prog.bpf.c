#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MANAGEMENT 2 /* the interface that only administrators reach */

SEC("sk_lookup")
int admit(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port == 22 && ctx->ingress_ifindex != MANAGEMENT) /* expect: context-access */ /* cause: Linux 5.17 brought the field */
		return SK_DROP;
	return SK_PASS;
}

char LICENSE[] SEC("license") = "GPL";
