#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int first_byte(void *bytes)
{
	return bytes ? *(__u8 *)bytes : 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u8 start[4] = {};

	bpf_skb_load_bytes(skb, 0, start, sizeof(start));
	return first_byte(start); /* expect: global-function-argument */ /* cause: its argument has no known size */
}

char LICENSE[] SEC("license") = "GPL";
