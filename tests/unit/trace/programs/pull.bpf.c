#include "shared.h"

/* The packet moves when it is made writable, and what was proved of it is gone. */
SEC("tc")
int pull(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	__u32 mark = skb->mark;

	if (data + 34 > end)
		return 0;
	if (data[12] == 8 && mark & 4)
		return 1;
	if (data[23] == 17) {
		if (bpf_skb_pull_data(skb, 42) && mark > 9)
			return 2;
		if (mark != 3)
			return data[30];
	}
	return data[33];
}
