#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;

struct queue {
	struct bpf_res_spin_lock lock;
	__u32 length;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct queue);
} queues SEC(".maps");

SEC("tc")
int grow(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct queue *queue = bpf_map_lookup_elem(&queues, &key);

	if (!queue)
		return 0;
	if (bpf_res_spin_lock(&queue->lock))
		return 0;
	if (!bpf_res_spin_lock(&queue->lock)) { /* expect: second-lock */ /* cause: held already */
		queue->length++;
		bpf_res_spin_unlock(&queue->lock);
	}
	bpf_res_spin_unlock(&queue->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
