#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} next SEC(".maps");

static __attribute__((noinline)) int go_on(struct __sk_buff *skb) /* expect: tail-call-stack-depth */
{
	bpf_tail_call(skb, &next, 1);
	return 0;
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	char bytes[280] = {}; /* cause: more than 256 bytes */

	bpf_skb_load_bytes(skb, 0, bytes, sizeof(bytes));
	if (bytes[12] == 8)
		return go_on(skb);
	return bytes[13];
}

char LICENSE[] SEC("license") = "GPL";
