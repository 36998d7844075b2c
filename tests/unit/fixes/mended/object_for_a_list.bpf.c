#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) __ksym;

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

struct flow {
	struct bpf_list_node node;
	__u32 hash;
};

private(A) struct bpf_spin_lock lock;
private(A) struct bpf_list_head flows __contains(flow, node);

struct flow *kept; /* so that the compiler keeps the type */

SEC("tc")
int remember(struct __sk_buff *skb)
{
	struct flow *flow;

	flow = bpf_obj_new_impl(bpf_core_type_id_local(struct flow), NULL);

	bpf_spin_lock(&lock);
	bpf_list_push_back_impl(&flows, &flow->node, NULL, 0);
	bpf_spin_unlock(&lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
