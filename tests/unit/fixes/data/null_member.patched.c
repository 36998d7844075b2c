#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

struct slot {
	struct task_struct __attribute__((btf_type_tag("kptr"))) *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");


SEC("tc")
int member(struct __sk_buff *skb)
{
	__u32 key = 0;
	int pid;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	typeof(slot->task) task = slot->task;

	if (!task)
		return 0;
	pid = task->pid; key = pid;
	return pid;
}

char LICENSE[] SEC("license") = "GPL";
