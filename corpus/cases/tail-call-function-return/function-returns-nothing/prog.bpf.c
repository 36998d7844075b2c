#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} next SEC(".maps");

static __attribute__((noinline)) void go_on(struct __sk_buff *skb) /* expect: tail-call-function-return */ /* cause: returns nothing */
{
	bpf_tail_call(skb, &next, 1);
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	go_on(skb);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
