#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;

__u64 last;

SEC("xdp")
int note(struct xdp_md *ctx) /* expect: xdp-metadata-device */ /* cause: not bound to a device */
{
	__u64 timestamp = 0;

	bpf_xdp_metadata_rx_timestamp(ctx, &timestamp);
	last = timestamp;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
