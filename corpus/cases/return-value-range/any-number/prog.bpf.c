#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup/sock_create")
int allow(struct bpf_sock *ctx)
{
	return ctx->mark & 0xff; /* expect: return-value-range */ /* cause: 0 to 255 */
}

char LICENSE[] SEC("license") = "GPL";
