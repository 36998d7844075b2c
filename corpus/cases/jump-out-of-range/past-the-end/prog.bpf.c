#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int pick(struct __sk_buff *skb)
{
	asm volatile("if %[len] == 0 goto +100" /* expect: jump-out-of-range */ /* cause: past the end */
		     :: [len]"r"(skb->len));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
