#include "shared.h"

/* More values alive than there are registers: pointers and scalars go through the stack. */
SEC("tc")
int spills(struct __sk_buff *skb)
{
	unsigned char *data = (void *)(long)skb->data;
	unsigned char *end = (void *)(long)skb->data_end;
	__u32 a = skb->len, b = skb->mark, c = skb->hash, d = skb->priority, e = skb->ifindex;
	__u32 key = skb->protocol;
	struct flow *first, *second;

	if (data + 20 > end)
		return 0;
	first = bpf_map_lookup_elem(&flows, &key);
	key = a & 7;
	second = bpf_map_lookup_elem(&flows, &key);
	if (a > 1000 || b > 64)
		return 1;
	if (c > d)
		a += data[5];
	if (!first)
		return 2;
	bpf_get_prandom_u32();
	first->state = a + b + c + d + e;
	if (data[7] > 3)
		return second->state;
	if (second)
		second->history[b & 7] = first->history[data[9] & 7];
	return first->history[b];
}
