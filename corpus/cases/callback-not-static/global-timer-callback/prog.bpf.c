#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct element {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct element);
} timers SEC(".maps");

__attribute__((noinline)) int expired(void *map, __u32 *key, struct element *element)
{
	return 0;
}

SEC("tc")
int arm(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct element *element = bpf_map_lookup_elem(&timers, &zero);

	if (!element)
		return 0;
	bpf_timer_init(&element->timer, &timers, 1);
	bpf_timer_set_callback(&element->timer, expired); /* expect: callback-not-static */ /* cause: the callback is a global function */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
