#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

SEC("xdp")
int sample(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if (data + 64 > data_end)
		return XDP_PASS;
	__u32 nothing = 0;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | ((__u64)64 << 32), &nothing, 0); // headers
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
