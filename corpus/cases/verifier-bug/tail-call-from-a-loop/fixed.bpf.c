#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} handlers SEC(".maps");

struct search {
	struct __sk_buff *skb;
	__u32 wanted, found;
};

static long compare(__u32 index, struct search *search)
{
	if (index != search->wanted)
		return 0;
	search->found = 1;
	return 1;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	struct search search = { .skb = skb, .wanted = skb->mark };

	bpf_loop(16, compare, &search, 0);
	if (search.found)
		bpf_tail_call(skb, &handlers, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
