#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int temperature(struct __sk_buff *skb)
{
	asm volatile("r2 = -3\n\t"
		     "*(u64 *)(r10 - 8) = r2\n\t"
		     "r0 = *(u32 *)(r10 - 8)\n\t"
		     "r0 <<= 32\n\t"
		     "r0 s>>= 32\n\t"
		     "r0 = 0\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
