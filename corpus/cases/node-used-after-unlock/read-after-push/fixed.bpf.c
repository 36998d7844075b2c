#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) __ksym;

struct event {
	__u64 when;
	struct bpf_list_node node;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_list_head queue __contains(event, node);

__u64 last;

SEC("tc")
int remember(struct __sk_buff *skb)
{
	struct event *event = bpf_obj_new_impl(bpf_core_type_id_local(struct event), NULL);

	if (!event)
		return 0;
	event->when = bpf_ktime_get_ns();
	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&queue, &event->node, NULL, __builtin_offsetof(struct event, node));
	typeof(event->when) when = event->when;
	bpf_spin_unlock(&lock);
	last = when;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
