#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_percpu_obj_new_impl(__u64 type_id, void *meta) __ksym;
void bpf_percpu_obj_drop_impl(void *object, void *meta) __ksym;

struct counter {
	struct bpf_spin_lock lock;
	__u64 packets;
};

SEC("tc")
int start(struct __sk_buff *skb)
{
	struct counter *counter;

	counter = bpf_percpu_obj_new_impl(bpf_core_type_id_local(struct counter), NULL); /* expect: object-type */ /* cause: has a lock, and each CPU a copy */
	if (counter)
		bpf_percpu_obj_drop_impl(counter, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
