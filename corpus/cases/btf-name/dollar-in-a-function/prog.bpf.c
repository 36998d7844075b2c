#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static int step$one(__u32 index, __u64 *sum) /* expect: btf-name */ /* cause: a dollar in the name */
{
	*sum += index;
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 sum = 0;

	bpf_loop(4, step$one, &sum, 0); /* expect: function-types-missing */
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
