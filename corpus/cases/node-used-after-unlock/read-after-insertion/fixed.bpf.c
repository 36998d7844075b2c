#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			bool (*less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, __u64 off) __ksym;

struct flow {
	__u64 bytes;
	struct bpf_rb_node node;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_rb_root flows __contains(flow, node);

static bool smaller(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return ((struct flow *)((void *)a - 8))->bytes < ((struct flow *)((void *)b - 8))->bytes;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct flow *flow = bpf_obj_new_impl(bpf_core_type_id_local(struct flow), NULL);

	if (!flow)
		return 0;
	flow->bytes = skb->len;
	bpf_spin_lock(&lock);
	bpf_rbtree_add_impl(&flows, &flow->node, smaller, NULL, 8);
	typeof(flow->bytes) bytes = flow->bytes;
	bpf_spin_unlock(&lock);
	return bytes > 1000;
}

char LICENSE[] SEC("license") = "GPL";
