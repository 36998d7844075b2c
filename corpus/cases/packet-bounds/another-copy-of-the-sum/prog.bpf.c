#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int two_sums(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u64 offset, again;
	__u8 *checked, *used;

	if ((void *)(data + 1) > end)
		return XDP_PASS;
	offset = data[0] & 31;
	/* What compilers do of their own accord: the number in two registers, and two sums. */
	asm volatile("%0 = %1" : "=r"(again) : "r"(offset));
	checked = data + offset;
	if ((void *)(checked + 1) > end)
		return XDP_PASS;
	used = data + again; /* cause: the same sum once more */
	asm volatile("" : "+r"(used));
	return *used ? XDP_DROP : XDP_PASS; /* expect: packet-bounds */
}

char LICENSE[] SEC("license") = "GPL";
