#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int clear(struct __sk_buff *skb)
{
	asm volatile("r2 = 0\n\t"
		     "*(u32 *)(r1 + 8) = r2\n\t"
		     "r0 = 0\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
