#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct job {
	struct bpf_timer timer;
};

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct job);
} first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} shards SEC(".maps") = { .values = { &first, &second } };

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u32 zero = 0, one = 1;
	void *a = bpf_map_lookup_elem(&shards, &zero);
	void *b = bpf_map_lookup_elem(&shards, &one);
	struct job *job;

	if (!a || !b)
		return 0;
	job = bpf_map_lookup_elem(a, &zero);
	if (!job)
		return 0;
	bpf_timer_init(&job->timer, b, 1); /* expect: async-object-other-map */ /* cause: the element is of the other map */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
