#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define __contains(name, node) __attribute__((btf_decl_tag("contains:" #name ":" #node)))

extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;

struct deadline {
	u64 when;
	struct bpf_rb_node node;
};

#define OWN SEC(".data.queue") __hidden __attribute__((aligned(8)))

OWN struct bpf_spin_lock lock;
OWN struct bpf_rb_root queue __contains(deadline, node);
u64 next_due;

SEC("tc")
int peek(struct __sk_buff *skb)
{
	struct bpf_rb_node *node;

	bpf_spin_lock(&lock);
	node = bpf_rbtree_first(&queue);
	if (node)
		next_due = container_of(node, struct deadline, node)->when;
	bpf_spin_unlock(&lock);
	return skb->mark == bpf_core_type_id_local(struct deadline);
}

char LICENSE[] SEC("license") = "GPL";
