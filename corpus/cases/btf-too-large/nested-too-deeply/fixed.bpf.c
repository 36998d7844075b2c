#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct core {
	__u64 number;
};

static int step(__u32 index, struct core *place)
{
	return place->number > index;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct core one = { 1 };

	bpf_loop(4, step, &one, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
