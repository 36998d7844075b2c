#include "shared.h"

/* The way out is explored first; then the loop turns out to change nothing. */
SEC("tc")
int around(struct __sk_buff *skb)
{
	__u32 mark = skb->mark, len = skb->len;

	if (len > 60)
		mark &= 7;
	while (mark != 3)
		bpf_get_prandom_u32();
	return len;
}
