#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int packet_in_loop(struct xdp_md *ctx)
{
	__u8 *at = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	int sum = 0;

	for (int i = 0; i < 4; i++) {
		if ((void *)(at + i + 1) > data_end)
			break;
		sum += at[i];
	}
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
