#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} next SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	char bytes[280] = {};

	bpf_skb_load_bytes(skb, 0, bytes, sizeof(bytes));
	if (bytes[12] == 8)
		bpf_tail_call(skb, &next, 1);
	return bytes[13];
}

char LICENSE[] SEC("license") = "GPL";
