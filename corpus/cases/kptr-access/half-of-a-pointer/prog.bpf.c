#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define __kptr_untrusted __attribute__((btf_type_tag("kptr_untrusted")))

struct slot {
	struct task_struct __kptr_untrusted *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

SEC("tc")
int taken(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot || !slot->task)
		return 0;
	if (!*(volatile __u32 *)&slot->task) /* expect: kptr-access */ /* cause: half of a pointer */
		return 0;
	return slot->task->pid;
}

char LICENSE[] SEC("license") = "GPL";
