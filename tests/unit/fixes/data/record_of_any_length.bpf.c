#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

#define MOST 64

SEC("tc")
int copy(struct __sk_buff *skb)
{
	__u32 len = skb->len;
	char *record;

	if (len > MOST)
		len = MOST;
	record = bpf_ringbuf_reserve(&events, len, 0); /* what there is */
	if (!record)
		return TC_ACT_OK;
	record[0] = len;
	bpf_ringbuf_submit(record, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
