#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct job {
	struct bpf_timer timer;
	__u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct job));
} jobs SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct job *job = bpf_map_lookup_elem(&jobs, &key);

	if (!job)
		return 0;
	bpf_timer_init(&job->timer, &jobs, 1); /* expect: map-without-value-type */ /* cause: the map's value has no type */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
