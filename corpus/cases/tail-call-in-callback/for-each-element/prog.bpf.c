#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} next SEC(".maps");

static long try_one(__u32 index, struct __sk_buff **skb)
{
	bpf_tail_call(*skb, &next, index); /* expect: tail-call-in-callback */ /* cause: a tail call in a callback */
	return 0;
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	bpf_loop(4, try_one, &skb, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
