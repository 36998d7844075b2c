/* The mark's second byte chooses one of 8 classes, if it names one. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct classes {
	__u64 seen[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct classes);
} counted SEC(".maps");

SEC("tc")
int count_class(struct __sk_buff *skb)
{
	__u32 zero = 0, class = (skb->mark >> 8) & 0xff;
	struct classes *c = bpf_map_lookup_elem(&counted, &zero);

	if (!c)
		return TC_ACT_OK;
	if (class >= 16 && class < 24)
		c->seen[class - 16] += skb->len;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
