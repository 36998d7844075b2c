/* The check looks at the number, the helper gets a copy of it that was masked before. */
#define SIZE 64
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[SIZE]);
} buffers SEC(".maps");

SEC("tc")
int fill(struct __sk_buff *skb)
{
	__u32 key = 0;
	char *buffer = bpf_map_lookup_elem(&buffers, &key);

	if (!buffer)
		return 0;
	asm volatile("r6 = %[skb];"
		     "r7 = %[buffer];"
		     "r1 = *(u32 *)(r6 + 0);"
		     "r2 = r1;"
		     "r2 &= 0xffff;"
		     "if r1 > 63 goto 1f;"
		     "r1 = r7;"
		     "r3 = 0;"
		     "r4 = 0;"
		     "r5 = 0;"
		     "call 28;"
		     "1:"
		     :
		     : [skb] "r"(skb), [buffer] "r"(buffer)
		     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "memory");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
