#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct table {
	__u8 row[3][1024 * 1024 * 1024]; /* expect: btf-too-large */ /* cause: 3 GB */
};

static int step(__u32 index, struct table *table)
{
	return table->row[0][0] > index;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 one = 1;

	bpf_loop(4, step, &one, 0); /* expect: function-types-missing */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
