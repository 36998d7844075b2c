#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAX_RULES 8

struct policy {
	__u32 rules;
	__u32 uid[MAX_RULES];
	__u32 denied[MAX_RULES];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct policy);
} policies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} audit SEC(".maps");

struct record {
	__u64 cgroup;
	__u32 uid;
	__u32 rule;
};

SEC("cgroup/connect4")
int check_connect(struct bpf_sock_addr *ctx)
{
	__u64 cgroup = bpf_get_current_cgroup_id();
	__u32 uid = bpf_get_current_uid_gid();
	struct policy *policy;
	struct record *record;
	__u32 i;

	policy = bpf_map_lookup_elem(&policies, &cgroup);
	if (!policy)
		return 1;
	for (i = 0; i < MAX_RULES && i < policy->rules; i++) {
		if (policy->uid[i] != uid)
			continue;
		policy->denied[i]++;
		record = bpf_ringbuf_reserve(&audit, sizeof(*record), 0);
		if (!record)
			return 0;
		record->cgroup = cgroup;
		record->uid = uid;
		record->rule = i;
		bpf_ringbuf_submit(record, 0);
		return 0;
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
