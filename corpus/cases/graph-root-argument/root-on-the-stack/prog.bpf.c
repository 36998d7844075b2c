#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;

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
int oldest(struct __sk_buff *skb)
{
	struct bpf_list_head local = {};
	struct bpf_list_node *node;

	bpf_spin_lock(&lock);
	node = bpf_list_pop_front(&local); /* expect: graph-root-argument */ /* cause: a list of its own on the stack */
	bpf_spin_unlock(&lock);
	if (node) {
		struct event *event = container_of(node, struct event, node);

		bpf_obj_drop_impl(event, NULL);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
