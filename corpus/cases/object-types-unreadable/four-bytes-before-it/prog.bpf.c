#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* As a tool might do that changes the object: four bytes before what clang writes there. */
asm(".pushsection .BTF,\"\",@progbits\n.4byte 0\n.popsection"); /* expect: object-types-unreadable */ /* cause: no header at the section's start */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&packets, &zero);

	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
