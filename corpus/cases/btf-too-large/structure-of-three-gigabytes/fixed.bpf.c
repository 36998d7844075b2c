#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct table {
	__u8 row[3][2];
};

static int step(__u32 index, struct table *table)
{
	return table->row[0][0] > index;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct table one = { { { 1 } } };

	bpf_loop(4, step, &one, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
