#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct job {
	char timer[16];
	__u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct job);
} jobs SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct job *job = bpf_map_lookup_elem(&jobs, &key);

	if (!job)
		return 0;
	bpf_timer_init((struct bpf_timer *)&job->timer, &jobs, 1); /* expect: special-field-missing */ /* cause: bytes, not a timer */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
