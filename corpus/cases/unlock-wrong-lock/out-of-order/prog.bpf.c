#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;

struct item {
	struct bpf_res_spin_lock lock;
	__u32 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct item);
} nodes SEC(".maps");

SEC("tc")
int swap(struct __sk_buff *skb)
{
	__u32 zero = 0, one = 1, kept;
	struct item *a = bpf_map_lookup_elem(&nodes, &zero);
	struct item *b = bpf_map_lookup_elem(&nodes, &one);

	if (!a || !b)
		return 0;
	if (bpf_res_spin_lock(&a->lock))
		return 0;
	if (bpf_res_spin_lock(&b->lock)) {
		bpf_res_spin_unlock(&a->lock);
		return 0;
	}
	kept = a->value;
	a->value = b->value;
	b->value = kept;
	bpf_res_spin_unlock(&a->lock); /* expect: unlock-wrong-lock */ /* cause: the other lock was taken last */
	bpf_res_spin_unlock(&b->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
