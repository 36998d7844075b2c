#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, __u64 off) __ksym;

struct timeout {
	struct bpf_rb_node node;
	__u64 when;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_rb_root timeouts __contains(timeout, node);

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	struct timeout *x = (struct timeout *)a, *y = (struct timeout *)b;
	bool first;

	bpf_spin_unlock(&lock); /* expect: rbtree-callback */ /* cause: not in this callback */
	first = x->when < y->when;
	bpf_spin_lock(&lock);
	return first;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct timeout *timeout = bpf_obj_new_impl(bpf_core_type_id_local(struct timeout), NULL);

	if (!timeout)
		return 0;
	timeout->when = skb->len;
	bpf_spin_lock(&lock);
	bpf_rbtree_add_impl(&timeouts, &timeout->node, less, NULL, 0);
	bpf_spin_unlock(&lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
