#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) __ksym;
void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

struct event {
	struct bpf_list_node node;
	__u64 when;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_list_head queue __contains(event, node);

struct event *kept; /* so that the compiler keeps the type */

SEC("tc")
int remember(struct __sk_buff *skb)
{
	struct event on_stack = {}, *event = &on_stack;

	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&queue, &event->node, NULL, 0); /* expect: allocated-object-required */ /* cause: a local variable, not an object of bpf_obj_new */
	bpf_spin_unlock(&lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
