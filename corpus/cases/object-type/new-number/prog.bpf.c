#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct counter {
	__u64 packets;
};

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u64 *counter = bpf_obj_new_impl(bpf_core_type_id_local(__u64), NULL); /* expect: object-type */ /* cause: a number, not a structure */

	if (counter)
		bpf_obj_drop_impl(counter, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
