#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int push(struct __sk_buff *skb)
{
	asm volatile("r0 = 0;" /* expect: frame-pointer-written */
		     "r10 += -8;" /* cause: writes to the frame pointer */
		     "*(u64 *)(r10 + 0) = r0;"
		     "exit;" ::: "memory");
}

char LICENSE[] SEC("license") = "GPL";
