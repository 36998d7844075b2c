#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct totals {
	__u64 größe; /* cause: an umlaut in the name */
};

static int add(__u32 index, struct totals *totals)
{
	totals->größe += index;
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct totals totals = {};

	bpf_loop(4, add, &totals, 0); /* expect: function-types-missing */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
