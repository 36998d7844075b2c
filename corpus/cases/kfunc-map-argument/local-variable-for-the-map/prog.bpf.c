#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __ksym;

struct job {
	struct bpf_wq work;
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
	bpf_wq_init(&job->work, &key, 0); /* expect: kfunc-map-argument */ /* cause: a variable, not the map */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
