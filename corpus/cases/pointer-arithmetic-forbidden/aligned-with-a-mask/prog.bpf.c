#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[128]);
} scratch SEC(".maps");

SEC("tc")
int stamp(struct __sk_buff *skb)
{
	__u32 key = 0;
	char *buf = bpf_map_lookup_elem(&scratch, &key);

	if (!buf)
		return 0;
	buf = (char *)(((unsigned long)buf + 7) & ~7UL); /* expect: pointer-arithmetic-forbidden */ /* cause: a mask on a pointer */
	*(__u64 *)buf = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
