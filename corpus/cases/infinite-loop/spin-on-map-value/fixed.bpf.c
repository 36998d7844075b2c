#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct guarded {
	struct bpf_spin_lock lock;
	__u64 taken;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guarded);
} busy SEC(".maps");

SEC("tc")
int take(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct guarded *guarded = bpf_map_lookup_elem(&busy, &zero);

	if (!guarded)
		return 0;
	bpf_spin_lock(&guarded->lock);
	guarded->taken++;
	bpf_spin_unlock(&guarded->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
