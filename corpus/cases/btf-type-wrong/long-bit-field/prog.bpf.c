#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct token {
	__u8 version : 4;
	unsigned __int128 serial : 125; /* expect: btf-type-wrong */ /* cause: it starts in a byte's middle, and ends past 128 bits */
} __attribute__((packed));

static int add(__u32 index, struct token *sum)
{
	sum->version++;
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct token sum = {};

	bpf_loop(4, add, &sum, 0); /* expect: function-types-missing */
	return sum.version;
}

char LICENSE[] SEC("license") = "GPL";
