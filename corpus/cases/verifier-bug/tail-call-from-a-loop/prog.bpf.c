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
	if (index == search->wanted)
		bpf_tail_call(search->skb, &handlers, 1); /* expect: verifier-bug */ /* cause: a tail call in a callback */
	return 0;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	struct search search = { .skb = skb, .wanted = skb->mark };

	bpf_loop(16, compare, &search, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
