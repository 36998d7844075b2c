#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/in.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define IP_OFF sizeof(struct ethhdr)
#define TCP_OFF (IP_OFF + sizeof(struct iphdr))

static __always_inline int set_port(struct __sk_buff *skb, __u16 from, __u16 to)
{
    bpf_l4_csum_replace(skb, TCP_OFF + offsetof(struct tcphdr, check), from, to, sizeof(to));
    return bpf_skb_store_bytes(skb, TCP_OFF + offsetof(struct tcphdr, dest), &to, sizeof(to), 0);
}

SEC("tc")
int redirect_port(struct __sk_buff *skb)
{
    void *data = (void *)(long)skb->data;
    void *data_end = (void *)(long)skb->data_end;
    struct ethhdr *eth = data;
    if ((void *)(eth + 1) > data_end)
        return TC_ACT_OK;
    if (eth->h_proto != bpf_htons(ETH_P_IP))
        return TC_ACT_OK;
    struct iphdr *ip = (void *)(eth + 1);
    if ((void *)(ip + 1) > data_end)
        return TC_ACT_OK;
    if (ip->protocol != IPPROTO_TCP)
        return TC_ACT_OK;
    struct tcphdr *tcp = (void *)(ip + 1);
    if ((void *)(tcp + 1) > data_end)
        return TC_ACT_OK;
    if (tcp->dest == bpf_htons(8080)) {
        set_port(skb, tcp->dest, bpf_htons(80));
        ip->tos = 0x10;
        bpf_printk("rewrote port of %x", ip->saddr);
    }
    return TC_ACT_OK;
}
char _license[] SEC("license") = "GPL";
