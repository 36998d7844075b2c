#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct http_req {
	__u32 saddr;
	__u16 sport;
	__u8 method[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct http_req);
	__type(value, __u64);
} requests SEC(".maps");

SEC("socket")
int http_filter(struct __sk_buff *skb)
{
	struct http_req req = {};
	__u8 hdr_len, doff;
	__u32 off, len, i;
	__u64 one = 1, *n;
	char buf[32];
	__u16 proto;

	bpf_skb_load_bytes(skb, 12, &proto, 2);
	if (proto != bpf_htons(ETH_P_IP))
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN, &hdr_len, 1) < 0)
		return 0;
	hdr_len = (hdr_len & 0x0f) * 4;
	off = ETH_HLEN + hdr_len;
	if (bpf_skb_load_bytes(skb, off + 12, &doff, 1) < 0)
		return 0;
	off += (doff >> 4) * 4;
	if (off >= skb->len)
		return 0;
	len = skb->len - off;
	if (len > sizeof(buf)) /* cause: may be 0 */
		len = sizeof(buf);
	__builtin_memset(buf, 0, sizeof(buf));
	if (bpf_skb_load_bytes(skb, off, buf, len) < 0) /* expect: zero-sized-read */
		return 0;
	if (buf[0] != 'G' || buf[1] != 'E' || buf[2] != 'T')
		return 0;
	for (i = 0; i < sizeof(req.method); i++) {
		if (buf[i] == ' ')
			break;
		req.method[i] = buf[i];
	}
	bpf_skb_load_bytes(skb, ETH_HLEN + 12, &req.saddr, 4);
	n = bpf_map_lookup_elem(&requests, &req);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&requests, &req, &one, BPF_ANY);
	bpf_perf_event_output(skb, &out, BPF_F_CURRENT_CPU, &req, sizeof(req));
	return -1;
}

char LICENSE[] SEC("license") = "GPL";
