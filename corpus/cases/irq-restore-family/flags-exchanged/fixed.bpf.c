#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_res_spin_lock_irqsave(struct bpf_res_spin_lock *lock, unsigned long *flags) __ksym;
void bpf_res_spin_unlock_irqrestore(struct bpf_res_spin_lock *lock, unsigned long *flags) __ksym;
void bpf_local_irq_save(unsigned long *flags) __ksym;
void bpf_local_irq_restore(unsigned long *flags) __ksym;

struct counter {
	struct bpf_res_spin_lock lock;
	__u32 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0;
	unsigned long outer, inner;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	bpf_local_irq_save(&outer);
	if (!bpf_res_spin_lock_irqsave(&counter->lock, &inner)) {
		counter->packets++;
		bpf_res_spin_unlock_irqrestore(&counter->lock, &inner);
	}
	bpf_local_irq_restore(&outer);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
