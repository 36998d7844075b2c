#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __uint(key_size, 4);
    __uint(value_size, 4);
} perf SEC(".maps");
SEC("xdp")
int sample(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;
    __u32 len = data_end - data;
    if (len > 128)
        len = 128;
    bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, data, len);
    return XDP_PASS;
}
char _license[] SEC("license") = "GPL";
