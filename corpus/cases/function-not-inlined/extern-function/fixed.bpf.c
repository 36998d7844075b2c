#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __always_inline unsigned int checksum(const void *data, unsigned int size)
{
	const unsigned char *byte = data;
	unsigned int i, sum = 0;

	for (i = 0; i < size; i++)
		sum = sum * 31 + byte[i];
	return sum;
}

SEC("tc")
int mark(struct __sk_buff *skb)
{
	__u32 word = skb->len;

	skb->mark = checksum(&word, sizeof(word));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
