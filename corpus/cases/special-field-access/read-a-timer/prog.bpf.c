#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct job {
	struct bpf_timer timer;
	__u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct job);
} jobs SEC(".maps");

SEC("tc")
int running(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct job *job = bpf_map_lookup_elem(&jobs, &key);

	if (!job)
		return 0;
	if (*(volatile __u64 *)&job->timer) /* expect: special-field-access */ /* cause: reads the timer */
		return 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
