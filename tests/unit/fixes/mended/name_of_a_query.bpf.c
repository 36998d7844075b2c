#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define MAX_NAME 64
struct dns_hdr { __u16 id, flags, qd, an, ns, ar; };
struct qname { char name[MAX_NAME]; };
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, struct qname);
    __type(value, __u64);
} queries SEC(".maps");

SEC("xdp")
int dns_count(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    struct iphdr *ip = (void *)(eth + 1);
    struct udphdr *udp = (void *)(ip + 1);
    struct dns_hdr *dns = (void *)(udp + 1);
    if ((void *)(dns + 1) > data_end)
        return XDP_PASS;
    if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != IPPROTO_UDP || udp->dest != bpf_htons(53))
        return XDP_PASS;
    struct qname q = {};
    char *cursor = (char *)(dns + 1);
    int i = 0;
    while (*cursor != 0) {
        q.name[i++] = *cursor;
        cursor++;
    }
    __u64 one = 1;
    __u64 *n = bpf_map_lookup_elem(&queries, &q);
    if (n)
        (*n)++;
    else
        bpf_map_update_elem(&queries, &q, &one, BPF_ANY);
    return XDP_PASS;
}
char _license[] SEC("license") = "GPL";
