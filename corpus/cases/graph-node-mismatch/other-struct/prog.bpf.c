#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) __ksym;

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

struct event {
	__u64 when;
	struct bpf_list_node node;
};

struct remark {
	struct bpf_list_node node;
	__u64 line;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_list_head queue __contains(event, node);
private(B) struct bpf_spin_lock lock_of_remarks;
private(B) struct bpf_list_head remarks __contains(remark, node);

struct event *newest; /* so that the compiler keeps the type */

SEC("tc")
int remember(struct __sk_buff *skb)
{
	struct remark *remark = bpf_obj_new_impl(bpf_core_type_id_local(struct remark), NULL);

	if (!remark)
		return 0;
	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&queue, &remark->node, NULL, 0); /* expect: graph-node-mismatch */ /* cause: a remark for a list of events */
	bpf_spin_unlock(&lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
