#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} modes SEC(".maps");

SEC("xdp")
int by_mode(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index & 3;
	__u32 *mode;
	int action = XDP_PASS;

	mode = bpf_map_lookup_elem(&modes, &key);
	if (mode) {
		if (*mode == 1)
			action = XDP_DROP;
		else if (*mode == 2)
			action = XDP_TX;
	}
	bpf_printk("mode of queue %d", key);
	return action;
}

char LICENSE[] SEC("license") = "GPL";
