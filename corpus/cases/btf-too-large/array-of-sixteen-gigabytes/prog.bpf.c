#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u64 table[0x80000000]; /* expect: btf-too-large */ /* cause: 16 GB */

static int step(__u32 index, table *place)
{
	return (*place)[0] > index;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 one = 1;

	bpf_loop(4, step, &one, 0); /* expect: function-types-missing */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
