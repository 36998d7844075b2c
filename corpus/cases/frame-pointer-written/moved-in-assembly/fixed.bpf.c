#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int push(struct __sk_buff *skb)
{
	asm volatile("r0 = 0;"
		     "r2 = r10;"
		     "r2 += -8;"
		     "*(u64 *)(r2 + 0) = r0;"
		     "exit;" ::: "memory");
}

char LICENSE[] SEC("license") = "GPL";
