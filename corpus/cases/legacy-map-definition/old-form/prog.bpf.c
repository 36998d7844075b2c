#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct old_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct old_map_def SEC("maps") flows = { /* expect: legacy-map-definition */ /* cause: the old form */
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 64,
};

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&flows, &key) != 0;
}

char LICENSE[] SEC("license") = "GPL";
