#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct rule {
	__u32 action;
	__u32 hits;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct rule);
} users SEC(".maps"), groups SEC(".maps");

SEC("cgroup_skb/egress")
int decide(struct __sk_buff *skb)
{
	__u32 uid = bpf_get_socket_uid(skb), gid = skb->mark;
	struct rule *user = bpf_map_lookup_elem(&users, &uid);
	struct rule *group = bpf_map_lookup_elem(&groups, &gid);
	__u32 action = 1;

	/* So that both look-ups stay apart. */
	if (!user && ({ asm volatile(""); 1; }) && !group)
		return 1;
	if (group) {
		group->hits++;
		action = group->action;
	}
	if (!user) {
		user->hits++;
		action = user->action;
	}
	return action & 1;
}

char LICENSE[] SEC("license") = "GPL";
