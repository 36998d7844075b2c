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
	void *map = skb->mark & 1 ? (void *)&for_tcp : (void *)&for_udp; /* cause: one map or the other */

	asm volatile("" : "+r"(map));
	bpf_tail_call(skb, map, 1); /* expect: tail-call-map */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
