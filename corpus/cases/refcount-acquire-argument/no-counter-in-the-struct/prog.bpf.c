#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;
void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;

struct event {
	struct bpf_list_node node;
	__u64 when;
};

SEC("tc")
int share(struct __sk_buff *skb)
{
	struct event *event = bpf_obj_new_impl(bpf_core_type_id_local(struct event), NULL), *second;

	if (!event)
		return 0;
	second = bpf_refcount_acquire_impl(event, NULL); /* expect: refcount-acquire-argument */ /* cause: the structure has no bpf_refcount */
	if (second)
		bpf_obj_drop_impl(second, NULL);
	bpf_obj_drop_impl(event, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
