#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __percpu_kptr __attribute__((btf_type_tag("percpu_kptr")))

void *bpf_percpu_obj_new_impl(__u64 type_id, void *meta) __ksym;
void bpf_percpu_obj_drop_impl(void *object, void *meta) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct counter {
	__u64 packets;
};

struct slot {
	struct counter __percpu_kptr *counter;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	struct counter *counter = bpf_percpu_obj_new_impl(bpf_core_type_id_local(struct counter), NULL);

	if (!counter)
		return 0;
	bpf_obj_drop_impl(counter, NULL); /* expect: wrong-drop-function */ /* cause: for objects of which each CPU has one */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
