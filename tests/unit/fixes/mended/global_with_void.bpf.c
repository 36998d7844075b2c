#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
__u64 v4;
__attribute__((noinline)) int parse(void *data, void *data_end)
{
    struct ethhdr *eth = data;
    if ((void *)(eth + 1) > data_end)
        return 0;
    return eth->h_proto == bpf_htons(ETH_P_IP);
}
SEC("xdp")
int count(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;
    if (parse(data, data_end))
        v4++;
    return XDP_PASS;
}
char _license[] SEC("license") = "GPL";
