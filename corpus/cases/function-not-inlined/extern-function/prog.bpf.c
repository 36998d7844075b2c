#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

unsigned int checksum(const void *data, unsigned int size);

SEC("tc")
int mark(struct __sk_buff *skb)
{
	__u32 word = skb->len;

	skb->mark = checksum(&word, sizeof(word)); /* expect: function-not-inlined */ /* cause: defined nowhere */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
