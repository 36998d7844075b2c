#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp.w/nbd_send_request")
int request(struct bpf_raw_tracepoint_args *ctx)
{
	__u8 *buffer = (void *)ctx->args[0];

	buffer[bpf_get_prandom_u32() & 7] = 0; /* expect: buffer-offset */ /* cause: the index is not constant */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
