#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC(".maps");

__attribute__((noinline)) int add(__u64 *total __arg_nonnull, __u32 bytes)
{
	*total += bytes;
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 mark = skb->mark;
	__u64 *total = bpf_map_lookup_elem(&totals, &mark);

	return add(total, skb->len); /* expect: global-function-null */ /* cause: may be NULL */
}

char LICENSE[] SEC("license") = "GPL";
