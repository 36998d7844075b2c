#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("xdp")
int age(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	__u32 *count = data;

	if (data + 4 > data_end)
		return XDP_PASS;
	__sync_fetch_and_add(count, 1); /* expect: atomic-target */ /* cause: atomic on the packet */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
