#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct programs {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
};

struct programs for_tcp SEC(".maps");
struct programs for_udp SEC(".maps");

SEC("tc")
int dispatch(struct __sk_buff *skb)
{
	if (skb->mark & 1) {
		bpf_tail_call_static(skb, &for_tcp, 1);
		return 0;
	}
	bpf_tail_call_static(skb, &for_udp, 1); /* this form is never joined with another */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
