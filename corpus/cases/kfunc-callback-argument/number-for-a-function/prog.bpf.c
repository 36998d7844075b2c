#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, __u64 off) __ksym;

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

struct timeout {
	struct bpf_rb_node node;
	__u64 when;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_rb_root timeouts __contains(timeout, node);

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct timeout *timeout = bpf_obj_new_impl(bpf_core_type_id_local(struct timeout), NULL);

	if (!timeout)
		return 0;
	timeout->when = skb->len;
	bpf_spin_lock(&lock);
	bpf_rbtree_add_impl(&timeouts, &timeout->node, (void *)1, NULL, 0); /* expect: kfunc-callback-argument */ /* cause: a number, not a function */
	bpf_spin_unlock(&lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
