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
	int i;

	for (i = 0; i < 4; i++)
		bpf_tail_call(skb, &next, i); /* comes back only when slot i is empty */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
