#include "shared.h"

NOINLINE int third(__u8 *data, __u32 at, __u8 *end)
{
	if (at > 30)
		return 0;
	if (data + at + 2 > end)
		return 1;
	return data[at] + data[at + 2];
}

NOINLINE int second(struct __sk_buff *skb, __u32 at)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (at == 4)
		return 2;
	if (skb->mark & 1)
		at++;
	return third(data, at, end) + 1;
}

NOINLINE int first(struct __sk_buff *skb)
{
	__u32 at = skb->len & 63;

	if (at < 4)
		return 0;
	return second(skb, at);
}

/* Three frames deep, and two bytes too far. */
SEC("tc")
int chain(struct __sk_buff *skb)
{
	if (skb->priority == 1)
		return 0;
	if (skb->mark > 5 && first(skb) > 9)
		return 1;
	return first(skb);
}
