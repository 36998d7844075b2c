#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int overwrite(struct __sk_buff *skb)
{
	volatile struct {
		void *pointer;
		__u8 byte;
	} kept;

	kept.pointer = skb;
	kept.byte = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
