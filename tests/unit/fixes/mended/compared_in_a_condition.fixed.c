#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>
#include <bpf/bpf_helpers.h>
struct cfg { unsigned char mac[6]; __u32 enabled; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct cfg); } config SEC(".maps");
SEC("xdp")
int block_mac(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    __u32 key = 0;
    struct cfg *c = bpf_map_lookup_elem(&config, &key);
    if (data + sizeof(*eth) > data_end)
        return XDP_PASS;
    if (c->enabled && ({ int differs = 0; for (int i = 0; i < 6 && !differs; i++) { differs = ((const unsigned char *)eth->h_source)[i] != ((const unsigned char *)c->mac)[i]; } differs; }) == 0)
        return XDP_DROP;
    return XDP_PASS;
}
char _license[] SEC("license") = "GPL";
