#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/in.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <string.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct cfg { __u16 ports[16]; __u8 n; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct cfg); } cfg SEC(".maps");
SEC("xdp")
int allowed(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    struct iphdr *ip = (void *)(eth + 1);
    struct udphdr *udp = (void *)(ip + 1);
    __u32 k = 0;
    if ((void *)(udp + 1) > data_end || ip->protocol != IPPROTO_UDP)
        return XDP_PASS;
    struct cfg *c = bpf_map_lookup_elem(&cfg, &k);
    if (!c)
        return XDP_PASS;
    for (int i = 0; i < c->n; i++)
        if (c->ports[i] == udp->dest)
            return XDP_PASS;
    return XDP_DROP;
}
char _license[] SEC("license") = "GPL";
