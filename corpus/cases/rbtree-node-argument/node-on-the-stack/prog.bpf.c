#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;
struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;
struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

struct timeout {
	struct bpf_rb_node node;
	__u64 when;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_rb_root timeouts __contains(timeout, node);

struct timeout *kept; /* so that the compiler keeps the type */

SEC("tc")
int expire(struct __sk_buff *skb)
{
	struct timeout on_stack = {};
	struct bpf_rb_node *node, *removed = NULL;

	bpf_spin_lock(&lock);
	node = bpf_rbtree_first(&timeouts);
	if (node)
		removed = bpf_rbtree_remove(&timeouts, &on_stack.node); /* expect: rbtree-node-argument */ /* cause: never added to the tree */
	bpf_spin_unlock(&lock);
	if (removed) {
		struct timeout *timeout = container_of(removed, struct timeout, node);

		bpf_obj_drop_impl(timeout, NULL);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
