#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int overwrite(struct __sk_buff *skb)
{
	volatile union {
		void *pointer;
		__u8 byte;
	} kept;

	kept.pointer = skb;
	kept.byte = 1; /* expect: spilled-pointer-part */ /* cause: one byte of a pointer */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
